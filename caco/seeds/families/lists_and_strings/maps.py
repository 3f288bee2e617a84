# One operation on every number of a list.
family("maps", "lists_and_strings")

step("add_each", "list", "list", {"k": ("added_to_each", (2, 20))}, "raised_list = [n + {k} for n in {v}]",
     ["Add {k} to each number of {it}."], work=lambda v, r, k: each(v, f"{{}} + {k}") + f". The list is {r}.",
     it="the new list")
step("times_each", "list", "list", {"k": ("factor_of_each", (2, 6))},
     "multiplied_list = [n * {k} for n in {v}]", ["Multiply each number of {it} by {k}."],
     work=lambda v, r, k: each(v, f"{{}} * {k}") + f". The list is {r}.", it="the multiplied list")
step("mod_each", "list", "list", {"k": ("divisor_of_each", (3, 9))},
     "remainder_list = [n % {k} for n in {v}]",
     ["Replace each number of {it} by its remainder when divided by {k}."],
     work=lambda v, r, k: each(v, f"{{}} % {k}") + f". The list is {r}.", it="the list of remainders",
     ask="What is the list of remainders?")
