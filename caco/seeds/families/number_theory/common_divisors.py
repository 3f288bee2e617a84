# Greatest common divisor and least common multiple.
family("common_divisors", "number_theory")

step("gcd", "number", "number", {"other": ("gcd_with", (6, 60))}, "gcd = math.gcd({v}, {other})",
     ["Find the greatest common divisor (gcd) of {it} and {other}.", "Take the gcd of {it} and {other}."],
     need="v > 1", work=lambda v, r, other: euclid(v, other), uses=("math",),
     final="What is the gcd of {it} and {other}?")
step("lcm", "number", "number", {"other": ("lcm_with", (2, 15))}, "lcm = math.lcm({v}, {other})",
     ["Find the least common multiple (lcm) of {it} and {other}.", "Take the lcm of {it} and {other}."],
     need="0 < v < 150",
     work=lambda v, r, other: euclid(v, other)
      + f" The lcm is {calc(f'{v} * {other} // {math.gcd(v, other)}')}.", uses=("math",),
     final="What is the lcm of {it} and {other}?")
drill("gcd", {"a": (4, 120), "b": (4, 60)}, ["What is the gcd of {a} and {b}?"], euclid,
      lambda a, b: math.gcd(a, b))
