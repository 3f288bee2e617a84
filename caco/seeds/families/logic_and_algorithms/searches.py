# Places and comparisons in a list.
family("searches", "logic_and_algorithms")

step("largest_place", "list", "number", {}, "largest_place = {v}.index(max({v})) + 1",
     ["Find the place of the largest number in {it}, counted from 1."], need="v.count(max(v)) == 1",
     work=lambda v, r: f"{spell(v)}. The largest is {max(v)} at place {r}.", it="the place")
step("above_first", "list", "number", {}, "above_first = len([n for n in {v} if n > {v}[0]])",
     ["Count the numbers of {it} that are greater than its first number."],
     work=lambda v, r: f"Greater than {v[0]}: {judged(v[1:], lambda n: n > v[0])}. The count is {r}.",
     it="the count")
step("remove_largest", "list", "list", {}, "list_without_largest = [n for n in {v} if n < max({v})]",
     ["Remove the largest number from {it}, every time it is there."],
     work=lambda v, r: f"The largest is {max(v)}. The list is {r}.", it="the shorter list")
