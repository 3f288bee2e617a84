# Sets with a fixed ratio, and equal parts.
family("ratio", "rates_and_percentages")

opener("ratio", "count",
       {"big": ("big_{noun}_per_set", (2, 6)), "small": ("small_{noun}_per_set", (2, 6)), "sets": (2, 10)},
       ["{noun}_per_set = {big} + {small}", "{noun} = {noun}_per_set * {sets}"],
       ["One set has {big} big {noun} and {small} small {noun}. {who} has {sets} sets."],
       work="<<{big} + {small}>> in a set.\n<<{w} * {sets}>> {noun}.", ask="How many {noun} does {who} have?")
step("fraction_kept", "count", "count", {"top": ("parts_kept", (2, 3)), "bottom": ("equal_parts", (4, 6))},
     ["{noun}_per_part = {v} // {bottom}", "{noun}_in_parts = {noun}_per_part * {top}"],
     ["{who} splits the {noun} into {bottom} equal parts, as large as possible, and keeps only {top} of "
      "these parts."],
     work=lambda v, r, top, bottom:
      f"{calc(f'{v} // {bottom}')} in a part.\n{calc(f'{v // bottom} * {top}')} kept.",
     ask="How many {noun} does {who} keep?")
