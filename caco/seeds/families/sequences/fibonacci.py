# Each number the sum of the two before it.
family("fibonacci", "sequences")

opener("fibonacci", "list",
       {"a": ("first_term", (1, 9)), "b": ("second_term", (1, 9)), "more": ("more_terms", (2, 4))},
       ["terms = [{a}, {b}]", "for _ in range({more}):", "    terms.append(terms[-2] + terms[-1])"],
       ["A list starts with {a} and {b}. Add {more} more terms, each the sum of the two terms before it."],
       work=lambda v, r, a, b, more: ", ".join(calc(f"{r[i]} + {r[i + 1]}") for i in range(more))
        + f". The list is {r}.", it="the list", ask="What is the list?")
step("extend_sum", "list", "list", {}, "extended_list = {v} + [{v}[-2] + {v}[-1]]",
     ["Add one number at the end of {it}: the sum of its last two numbers."],
     work=lambda v, r: f"{calc(f'{v[-2]} + {v[-1]}')}. The list is {r}.", it="the extended list")
