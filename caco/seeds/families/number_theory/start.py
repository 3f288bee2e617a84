# A number, a sum or a product to start from.
family("start", "number_theory")

opener("start", "number", {"number": (12, 150)}, "",
       ["Start with the number {number}.", "Take the number {number}."])
opener("start_product", "number", {"first": ("first_number", (3, 20)), "second": ("second_number", (3, 12))},
       "product = {first} * {second}",
       ["Multiply {first} by {second}.", "Take the product of {first} and {second}."],
       work="The product is <<{first} * {second}>>.")
opener("start_sum", "number", {"first": ("first_part", (10, 90)), "second": ("second_part", (10, 90))},
       "sum_of_parts = {first} + {second}",
       ["Add {first} and {second}.", "Take the sum of {first} and {second}."],
       work="The sum is <<{first} + {second}>>.", it="the sum")
