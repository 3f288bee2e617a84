# Is it greater, is it in a range.
family("comparisons", "logic_and_algorithms")

step("is_greater", "number", "yesno", {"limit": ("greater_than", (10, 120))},
     'is_greater = "yes" if {v} > {limit} else "no"', ["Check if {it} is greater than {limit}."],
     work=lambda v, r, limit: f"{v} is {'greater' if v > limit else 'not greater'} than {limit}: {r}.",
     ask="Is it greater, yes or no?", final="Is {it} greater than {limit}, yes or no?")
step("is_between", "number", "yesno", {"low": ("low_end", (5, 40)), "high": ("high_end", (50, 150))},
     'is_between = "yes" if {low} <= {v} <= {high} else "no"',
     ["Check if {it} is in the range from {low} to {high}, both ends included."],
     work=lambda v, r, low, high:
      f"{v} is {'less' if v < low else 'not less'} than {low} and "
      f"{'greater' if v > high else 'not greater'} than {high}: {r}.",
     ask="Is it in the range, yes or no?")
drill("greater", {"a": (2, 300), "b": (2, 200)}, "Is {a} greater than {b}, yes or no?",
      lambda a, b: f"{a} is {'greater' if a > b else 'not greater'} than {b}: {'yes' if a > b else 'no'}.",
      lambda a, b: "yes" if a > b else "no")
