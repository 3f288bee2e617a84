# The digits of a number as a list, one more digit.
family("digit_list", "number_theory")

step("digit_list", "number", "list", {}, "digit_list = [int(digit) for digit in str({v})]",
     ["Make a list of the digits of {it}.", "Write the digits of {it} as a list."],
     work=lambda v, r: f"The digit list is {r}.", it="the list")
step("append_digit", "number", "number", {"digit": ("new_digit", (1, 9))},
     "longer_number = {v} * 10 + {digit}", ["Write the digit {digit} at the end of {it}."], need="v > 0",
     work="The longer number is <<{v} * 10 + {digit}>>.",
     ask=["What is the longer number?", "Which number is this?"])
