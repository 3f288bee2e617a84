# The numbers of a list that pass a test.
family("filters", "lists_and_strings")

step("keep_even", "list", "list", {}, "even_numbers = [n for n in {v} if n % 2 == 0]",
     ["Keep only the even numbers of {it}."],
     work=lambda v, r: f"Even: {judged(v, lambda n: n % 2 == 0)}. The list is {r}.",
     it="the list of even numbers", ask="What is the new list?")
step("keep_odd", "list", "list", {}, "odd_numbers = [n for n in {v} if n % 2 == 1]",
     ["Keep only the odd numbers of {it}."],
     work=lambda v, r: f"Odd: {judged(v, lambda n: n % 2 == 1)}. The list is {r}.",
     it="the list of odd numbers", ask="What is the new list?")
step("keep_above", "list", "list", {"limit": ("lower_limit", (3, 20))},
     "large_numbers = [n for n in {v} if n > {limit}]",
     ["Keep only the numbers of {it} that are greater than {limit}."], need="len(r) < len(v)",
     work=lambda v, r, limit: f"Greater than {limit}: {judged(v, lambda n: n > limit)}. The list is {r}.",
     it="the list of large numbers", ask="What is the new list?")
drill("above", {"numbers": numbers_list(1, 40, 3, 5), "limit": (3, 30)},
      "Which numbers of {numbers} are greater than {limit}?",
      lambda numbers, limit:
       f"Greater than {limit}: {judged(numbers, lambda n: n > limit)}. "
      f"The list is {[n for n in numbers if n > limit]}.",
      lambda numbers, limit: [n for n in numbers if n > limit])
