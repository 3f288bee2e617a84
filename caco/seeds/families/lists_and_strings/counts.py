# How many numbers of a list pass a test.
family("counts", "lists_and_strings")

step("count_even", "list", "number", {}, "even_count = len([n for n in {v} if n % 2 == 0])",
     ["Count the even numbers of {it}."],
     work=lambda v, r: f"Even: {judged(v, lambda n: n % 2 == 0)}. The count is {r}.", it="the count",
     final="How many numbers of {it} are even?")
step("count_above", "list", "number", {"limit": ("count_limit", (3, 20))},
     "count_above = len([n for n in {v} if n > {limit}])",
     ["Count the numbers of {it} that are greater than {limit}."],
     work=lambda v, r, limit: f"Greater than {limit}: {judged(v, lambda n: n > limit)}. The count is {r}.",
     it="the count", final="How many numbers of {it} are greater than {limit}?")
