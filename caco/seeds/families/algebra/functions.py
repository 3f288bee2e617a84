# A function applied to the number at hand.
family("functions", "algebra")

step("apply_line", "number", "number", {"a": ("f_factor", (2, 6)), "b": ("f_added", (1, 12))},
     "f_value = {a} * {v} + {b}", ["Let f(x) = {a} * x + {b}. Apply f to {it}."],
     work="f gives <<{a} * {v} + {b}>>.", it="the value of f")
step("apply_square", "number", "number", {"a": ("g_added", (1, 20))}, "g_value = {v} ** 2 + {a}",
     ["Let g(x) = x ** 2 + {a}. Apply g to {it}."], need="v <= 30", work="g gives <<{v} ** 2 + {a}>>.",
     it="the value of g")
