# Sums, extremes and order of digits.
family("digits", "number_theory")

step("digit_sum", "number", "number", {}, "digit_sum = sum(int(digit) for digit in str({v}))",
     ["Find the digit sum of {it}.", "Add the digits of {it}."], need="v > 9",
     work=lambda v, r: f"The digit sum is {add_up(map(int, str(v)))}.",
     final="What is the digit sum of {it}?")
step("last_digit", "number", "number", {}, "last_digit = {v} % 10", ["Take the last digit of {it}."],
     need="v > 9", work="The last digit is <<{v} % 10>>.", final="What is the last digit of {it}?")
step("largest_digit", "number", "number", {}, "largest_digit = max(int(digit) for digit in str({v}))",
     ["Take the largest digit of {it}."], need="v > 9",
     work=lambda v, r: f"The digits are {join_and(str(v))}. The largest digit is {r}.",
     final="What is the largest digit of {it}?")
step("reverse_digits", "number", "number", {}, "reversed_number = int(str({v})[::-1])",
     ["Write the digits of {it} in reverse order.", "Reverse the digits of {it}."],
     need="v > 9 and v % 10 > 0",
     work=lambda v, r: f"The digits are {join_and(str(v))}. Reversed, the number is {r}.",
     ask=["What is the reversed number?", "Which number is this?"])
drill("digit_sum", {"number": (10, 999)}, "What is the digit sum of {number}?",
      lambda number: f"The digit sum is {add_up(map(int, str(number)))}.",
      lambda number: sum(map(int, str(number))))
drill("reverse_digits", {"number": (10, 999)}, "Reverse the digits of {number}.",
      lambda number:
       f"The digits are {join_and(str(number))}. Reversed, the number is {int(str(number)[::-1])}.",
      lambda number: int(str(number)[::-1]))
