# Is it prime.
family("primes", "number_theory")

step("is_prime", "number", "yesno", {},
     ["small_divisors = [d for d in range(2, {v}) if d * d <= {v} and {v} % d == 0]",
      'is_prime = "yes" if {v} > 1 and not small_divisors else "no"'], ["Check if {it} is a prime number."],
     need="3 < v <= 120",
     work=lambda v, r: (", ".join(calc(f"{v} % {d}") for d in (2, 3, 5, 7) if d * d <= v and all(v % e
      for e in range(2, d))) or f"{v} has no smaller divisor") + f". Prime: {r}.",
     ask="Is it prime, yes or no?", final="Is {it} a prime number, yes or no?")
