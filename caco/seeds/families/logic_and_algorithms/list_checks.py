# Yes or no about a list.
family("list_checks", "logic_and_algorithms")

step("contains", "list", "yesno", {"wanted": ("wanted_number", (1, 20))},
     'contains = "yes" if {wanted} in {v} else "no"', ["Check if the number {wanted} is in {it}."],
     work=lambda v, r, wanted: f"{wanted} in {v}: {r}.", ask="Is it in the list, yes or no?",
     final="Is the number {wanted} in {it}, yes or no?")
step("is_sorted", "list", "yesno", {}, 'is_sorted = "yes" if {v} == sorted({v}) else "no"',
     ["Check if {it} is in order from small to large."],
     work=lambda v, r: f"Sorted: {sorted(v)}. The list is {v}: {r}.", ask="Is it in order, yes or no?",
     final="Is {it} in order from small to large, yes or no?")
