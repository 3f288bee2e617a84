# The chance of a random pick, as a reduced fraction.
family("chances", "counting_and_probability")

step("chance_special", "count", "fraction", {"marked": ("marked_{noun}", (2, 15))},
     ["common = math.gcd({marked}, {v})", 'chance = f"{{{marked} // common}}/{{{v} // common}}"'],
     ["Of these {noun}, {marked} are marked. One of the {noun} is picked at random."], need="marked < v",
     uses=("math",), weight=2, work=lambda v, r, marked: f"{marked} of {v}: {euclid(marked, v)} The chance is {r}.",
     ask="What is the chance, as a fraction in lowest terms, that it is marked?")
step("chance_even", "list", "fraction", {},
     ["even_count = len([n for n in {v} if n % 2 == 0])", "common = math.gcd(even_count, len({v}))",
      'chance = f"{{even_count // common}}/{{len({v}) // common}}"'],
     ["One number of {it} is picked at random."], uses=("math",),
     need="0 < len([n for n in v if n % 2 == 0]) < len(v)",
     work=lambda v, r: f"Even: {judged(v, lambda n: n % 2 == 0)}. "
      f"{sum(n % 2 == 0 for n in v)} of {len(v)}: {euclid(sum(n % 2 == 0 for n in v), len(v))} The chance is {r}.",
     ask="What is the chance, as a fraction in lowest terms, that it is even?")
drill("fraction", {"a": (2, 15), "b": (16, 60)}, ["Write {a} of {b} as a fraction in lowest terms."],
      lambda a, b: f"{a} of {b}: {euclid(a, b)} The fraction is {a // math.gcd(a, b)}/{b // math.gcd(a, b)}.",
      lambda a, b: f"{a // math.gcd(a, b)}/{b // math.gcd(a, b)}")
