# Even, divisible.
family("parity", "number_theory")

step("is_even", "number", "yesno", {}, 'is_even = "yes" if {v} % 2 == 0 else "no"',
     ["Check if {it} is even."], work="<<{v} % 2>>. Even: {r}.", ask="Is it even, yes or no?",
     final="Is {it} even, yes or no?")
step("is_divisible", "number", "yesno", {"divisor": ("test_divisor", (3, 9))},
     'is_divisible = "yes" if {v} % {divisor} == 0 else "no"', ["Check if {it} is divisible by {divisor}."],
     work="<<{v} % {divisor}>>. Divisible: {r}.", ask="Is it divisible, yes or no?",
     final="Is {it} divisible by {divisor}, yes or no?")
