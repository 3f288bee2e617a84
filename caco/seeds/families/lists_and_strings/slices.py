# Ends of lists cut off or added.
family("slices", "lists_and_strings")

step("drop_first", "list", "list", {}, "list_without_first = {v}[1:]", ["Remove the first number of {it}."],
     work="Without the first: {r}.", it="the shorter list")
step("first_two", "list", "list", {}, "first_two = {v}[:2]", ["Keep only the first two numbers of {it}."],
     work="The first two: {r}.", it="the list of two numbers", ask="What is the new list?")
step("reverse_list", "list", "list", {}, "reversed_list = {v}[::-1]",
     ["Reverse the order of {it}.", "Reverse {it}."], work="Reversed: {r}.", it="the reversed list")
step("append", "list", "list", {"last": ("new_last", (1, 40))}, "longer_list = {v} + [{last}]",
     ["Add the number {last} at the end of {it}."], work="With {last}: {r}.", it="the longer list")
