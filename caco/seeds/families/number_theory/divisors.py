# All divisors, and the smallest one.
family("divisors", "number_theory")

step("divisor_list", "number", "list", {}, "divisors = [d for d in range(1, {v} + 1) if {v} % d == 0]",
     ["List all divisors of {it} from small to large.",
      "Make a list of all divisors of {it}, from small to large."], need="1 < v <= 100 and len(r) < 7",
     work=lambda v, r: "In pairs: " + ", ".join(calc(f"{d} * {v // d}") for d in r if d * d <= v)
      + f". The divisors are {r}.", ask="Which list is this?", it="the list of divisors",
     final="What is the list of all divisors of {it}, from small to large?")
step("smallest_factor", "number", "number", {},
     "smallest_factor = min(d for d in range(2, {v} + 1) if {v} % d == 0)",
     ["Find the smallest divisor of {it} that is greater than 1."], need="1 < v <= 200 and r <= 11",
     work=lambda v, r: ", ".join(calc(f"{v} % {d}") for d in range(2, r + 1))
      + f". The smallest factor is {r}.", it="the smallest divisor",
     final="What is the smallest divisor of {it} that is greater than 1?")
