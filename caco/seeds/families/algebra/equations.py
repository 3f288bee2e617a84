# Equations in one unknown that always have a whole solution.
family("equations", "algebra")

opener("solve_minus", "number", {"a": ("subtracted", (2, 40)), "b": ("result", (5, 60))}, "x = {b} + {a}",
       ["Solve x - {a} = {b} for x.", "A number x minus {a} is {b}. Find x."], work="x is <<{b} + {a}>>.",
       it="x")
opener("solve_divided", "number", {"a": ("divided_by", (2, 12)), "b": ("result", (3, 30))}, "x = {b} * {a}",
       ["Solve x / {a} = {b} for x.", "A number x divided by {a} is exactly {b}. Find x."],
       work="x is <<{b} * {a}>>.", it="x")
opener("solve_both", "number",
       {"a": ("divided_by", (2, 9)), "c": ("subtracted", (2, 15)), "b": ("result", (2, 20))},
       ["before = {b} + {c}", "x = before * {a}"], ["Solve x / {a} - {c} = {b} for x."],
       work="x / {a} is <<{b} + {c}>>.\nx is <<{w} * {a}>>.", it="x")
