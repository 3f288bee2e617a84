# The value of an expression for given letters.
family("evaluate", "algebra")

opener("linear", "number", {"x": (2, 20), "a": (2, 9), "b": (1, 20)}, "value = {a} * {x} + {b}",
       ["Let x = {x}. Find the value of {a} * x + {b}.", "For x = {x}, work out {a} * x + {b}."],
       work="The value is <<{a} * {x} + {b}>>.")
opener("quadratic", "number", {"x": (2, 12), "b": (2, 9), "c": (1, 20)}, "value = {x} ** 2 + {b} * {x} + {c}",
       ["Let x = {x}. Find the value of x ** 2 + {b} * x + {c}.",
        "For x = {x}, work out x ** 2 + {b} * x + {c}."], work="The value is <<{x} ** 2 + {b} * {x} + {c}>>.")
opener("two_letters", "number", {"x": (2, 15), "y": (2, 15), "a": (2, 9), "b": (2, 9)},
       "value = {a} * {x} + {b} * {y}", ["Let x = {x} and y = {y}. Find the value of {a} * x + {b} * y."],
       work="The value is <<{a} * {x} + {b} * {y}>>.")
