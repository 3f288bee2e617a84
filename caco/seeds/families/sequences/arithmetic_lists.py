# Lists with equal steps.
family("arithmetic_lists", "sequences")

opener("arithmetic_list", "list",
       {"first": ("first_term", (1, 20)), "d": ("term_step", (2, 12)), "count": ("num_terms", (3, 5))},
       "terms = [{first} + {d} * i for i in range({count})]",
       ["A sequence starts with {first}, and each next term is {d} more. List the first {count} terms."],
       work=lambda v, r, first, d, count: ", ".join(calc(f"{n} + {d}") for n in r[:-1])
        + f". The list is {r}.", it="the list")
step("count_up", "number", "list", {"d": ("list_step", (2, 9)), "count": ("list_length", (3, 5))},
     "counted_list = [{v} + {d} * i for i in range({count})]",
     ["Make a list of {count} numbers that starts with {it}, where each next number is {d} more."],
     work=lambda v, r, d, count: ", ".join(calc(f"{n} + {d}") for n in r[:-1]) + f". The list is {r}.",
     it="the list")
