# Unknowns given one from the other.
family("unknowns", "algebra")

opener("unknowns", "number", {"x": (2, 20), "factor": ("y_factor", (2, 9)), "add": ("z_added", (2, 20))},
       ["y = {factor} * {x}", "z = y + {add}"],
       ["Let x = {x}. y is {factor} times x, and z is {add} more than y. Find z."],
       work="y is <<{factor} * {x}>>.\nz is <<{w} + {add}>>.", it="z")
