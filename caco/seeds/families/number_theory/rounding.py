# Multiples below and above.
family("rounding", "number_theory")

step("round_down", "number", "number", {"base": ("multiple_of", (3, 12))},
     "lower_multiple = {v} // {base} * {base}",
     ["Find the largest multiple of {base} that is not more than {it}.",
      "Round {it} down to a multiple of {base}."], work="The multiple is <<{v} // {base} * {base}>>.",
     it="the multiple")
step("next_multiple", "number", "number", {"base": ("next_multiple_of", (3, 12))},
     "next_multiple = ({v} // {base} + 1) * {base}",
     ["Find the smallest multiple of {base} that is greater than {it}."],
     work="The next multiple is <<({v} // {base} + 1) * {base}>>.",
     final="What is the smallest multiple of {base} that is greater than {it}?")
