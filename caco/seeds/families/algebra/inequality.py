# The largest whole number that keeps an inequality.
family("inequality", "algebra")

opener("inequality", "number",
       {"a": ("factor_of_x", (2, 9)), "b": ("added_to_x", (1, 15)), "c": ("limit", (30, 150))},
       ["room = {c} - {b}", "x = room // {a}"],
       ["Find the largest whole number x with {a} * x + {b} <= {c}.",
        "What is the largest whole x so that {a} * x + {b} is at most {c}? Use this x."],
       work="<<{c} - {b}>> for {a} * x.\nx is <<{w} // {a}>>.", it="x")
