# One number added, subtracted, multiplied.
family("arithmetic", "algebra")

step("add", "number", "number", {"k": ("added", (2, 50))}, "total = {v} + {k}",
     ["Add {k} to {it}.", "Then add {k} to {it}."], work="The total is <<{v} + {k}>>.",
     final="What is {it} plus {k}?")
step("subtract", "number", "number", {"k": ("taken", (2, 30))}, "rest = {v} - {k}",
     ["Subtract {k} from {it}.", "Take {k} away from {it}."], work="The rest is <<{v} - {k}>>.",
     ask="What is the result?", it="the result", final="What is {it} minus {k}?")
step("multiply", "number", "number", {"k": ("factor", (2, 9))}, "product = {v} * {k}",
     ["Multiply {it} by {k}.", "Take {k} times {it}."], need="v > 0", work="The product is <<{v} * {k}>>.",
     final="What is {it} times {k}?")
