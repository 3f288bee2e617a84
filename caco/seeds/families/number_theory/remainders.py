# Remainder and quotient.
family("remainders", "number_theory")

step("remainder", "number", "number", {"divisor": (3, 12)}, "remainder = {v} % {divisor}",
     ["Find the remainder when {it} is divided by {divisor}.",
      "Divide {it} by {divisor} and take the remainder."], work="The remainder is <<{v} % {divisor}>>.",
     final="What is the remainder when {it} is divided by {divisor}?")
step("quotient", "number", "number", {"divisor": ("quotient_divisor", (2, 9))}, "quotient = {v} // {divisor}",
     ["Divide {it} by {divisor} and round down."], work="The quotient is <<{v} // {divisor}>>.",
     ask="What is the quotient?", final="What is {it} divided by {divisor}, rounded down?")
