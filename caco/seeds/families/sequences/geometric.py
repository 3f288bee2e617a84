# Each number a multiple of the one before it.
family("geometric", "sequences")

opener("geometric_term", "number",
       {"first": ("first_term", (2, 9)), "ratio": ("term_ratio", (2, 3)), "place": ("term_place", (3, 5))},
       "term = {first} * {ratio} ** ({place} - 1)",
       ["A sequence starts with {first}, and each next term is {ratio} times the one before. Take term "
        "number {place}."], work="The term is <<{first} * {ratio} ** ({place} - 1)>>.")
opener("geometric_list", "list",
       {"first": ("first_term", (1, 9)), "ratio": ("term_ratio", (2, 3)), "count": ("num_terms", (3, 5))},
       "terms = [{first} * {ratio} ** i for i in range({count})]",
       ["A sequence starts with {first}, and each next term is {ratio} times the one before. List the "
        "first {count} terms."],
       work=lambda v, r, first, ratio, count: ", ".join(calc(f"{n} * {ratio}") for n in r[:-1])
        + f". The list is {r}.", it="the list")
