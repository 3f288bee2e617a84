# Largest and smallest number of a list.
family("extremes", "lists_and_strings")

step("largest", "list", "number", {}, "largest = max({v})",
     ["Take the largest number of {it}.", "Find the largest number of {it}."], work="The largest is {r}.",
     it="the largest number", final="What is the largest number of {it}?")
step("smallest", "list", "number", {}, "smallest = min({v})",
     ["Take the smallest number of {it}.", "Find the smallest number of {it}."], work="The smallest is {r}.",
     it="the smallest number", final="What is the smallest number of {it}?")
step("spread", "list", "number", {}, "spread = max({v}) - min({v})",
     ["Take the largest number minus the smallest number of {it}."],
     work=lambda v, r: f"The spread is {calc(f'{max(v)} - {min(v)}')}.", it="the spread",
     ask="What is the result?")
drill("largest", {"numbers": numbers_list(1, 60, 3, 6)}, "What is the largest number of {numbers}?",
      lambda numbers: f"The largest is {max(numbers)}.", lambda numbers: max(numbers))
drill("smallest", {"numbers": numbers_list(1, 60, 3, 6)}, "What is the smallest number of {numbers}?",
      lambda numbers: f"The smallest is {min(numbers)}.", lambda numbers: min(numbers))
