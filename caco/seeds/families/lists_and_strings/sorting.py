# Lists in order.
family("sorting", "lists_and_strings")

step("sort_up", "list", "list", {}, "sorted_list = sorted({v})", ["Sort {it} from small to large."],
     work="Sorted: {r}.")
step("sort_down", "list", "list", {}, "falling_list = sorted({v}, reverse=True)",
     ["Sort {it} from large to small."], work="From large to small: {r}.", it="the sorted list")
step("second_largest", "list", "number", {}, "second_largest = sorted({v})[-2]",
     ["Sort {it} from small to large and take the number before the last."],
     work=lambda v, r: f"Sorted: {sorted(v)}. Before the last: {r}.", it="this number",
     ask="Which number is this?")
drill("sort", {"numbers": numbers_list(1, 60, 3, 5)}, "Sort {numbers} from small to large.",
      lambda numbers: f"Sorted: {sorted(numbers)}.", lambda numbers: sorted(numbers))
drill("sort_down", {"numbers": numbers_list(1, 60, 3, 5)}, "Sort {numbers} from large to small.",
      lambda numbers: f"From large to small: {sorted(numbers, reverse=True)}.",
      lambda numbers: sorted(numbers, reverse=True))
