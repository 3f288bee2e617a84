# Larger, smaller, distance.
family("choices", "logic_and_algorithms")

step("larger_of", "number", "number", {"other": ("larger_of_it_and", (5, 90))}, "larger = max({v}, {other})",
     ["Take the larger one of {it} and {other}."], work="The larger one of {v} and {other} is {r}.",
     it="the larger number", final="What is the larger one of {it} and {other}?")
step("smaller_of", "number", "number", {"other": ("smaller_of_it_and", (5, 90))},
     "smaller = min({v}, {other})", ["Take the smaller one of {it} and {other}."],
     work="The smaller one of {v} and {other} is {r}.", it="the smaller number",
     final="What is the smaller one of {it} and {other}?")
step("distance_to", "number", "number", {"other": ("distance_to", (5, 90))}, "distance = abs({v} - {other})",
     ["Find the distance between {it} and {other} on the number line."],
     work=lambda v, r, other: f"The distance is {calc(f'{max(v, other)} - {min(v, other)}')}.")
drill("larger", {"a": (2, 200), "b": (2, 200)}, "Which one of {a} and {b} is larger?",
      lambda a, b: f"The larger one of {a} and {b} is {max(a, b)}.", lambda a, b: max(a, b))
drill("smaller", {"a": (2, 200), "b": (2, 200)}, "Which one of {a} and {b} is smaller?",
      lambda a, b: f"The smaller one of {a} and {b} is {min(a, b)}.", lambda a, b: min(a, b))
