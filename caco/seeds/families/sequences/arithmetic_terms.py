# A term of a sequence with equal steps.
family("arithmetic_terms", "sequences")

opener("arithmetic_term", "number",
       {"first": ("first_term", (2, 30)), "d": ("term_step", (2, 12)), "place": ("term_place", (4, 20))},
       "term = {first} + {d} * ({place} - 1)",
       ["A sequence starts with {first}, and each next term is {d} more. Take term number {place}."],
       work="The term is <<{first} + {d} * ({place} - 1)>>.")
opener("falling_term", "number",
       {"first": ("first_term", (80, 200)), "d": ("term_drop", (2, 9)), "place": ("term_place", (3, 9))},
       "term = {first} - {d} * ({place} - 1)",
       ["A sequence starts with {first}, and each next term is {d} less. Take term number {place}."],
       work="The term is <<{first} - {d} * ({place} - 1)>>.")
