# Sums and products from a list.
family("sums", "lists_and_strings")

step("sum_list", "list", "number", {}, "sum_of_list = sum({v})",
     ["Add the numbers of {it}.", "Take the sum of {it}."], work=lambda v, r: f"The sum is {add_up(v)}.",
     it="the sum", final="What is the sum of {it}?", weight=2)
step("product_ends", "list", "number", {}, "product_of_ends = {v}[0] * {v}[-1]",
     ["Multiply the first and the last number of {it}."],
     work=lambda v, r: f"The product is {calc(f'{v[0]} * {v[-1]}')}.", it="the product of the ends")
