# Running totals and differences.
family("running", "sequences")

step("running_totals", "list", "list", {}, "running_totals = [sum({v}[:i + 1]) for i in range(len({v}))]",
     ["Make the list of running totals of {it}."], need="len(v) <= 5",
     work=lambda v, r: ", ".join(calc(f"{r[i]} + {v[i + 1]}") for i in range(len(v) - 1))
      + f". The totals are {r}.", it="the list of totals", ask="What is the list of totals?")
step("differences", "list", "list", {},
     "differences = [abs({v}[i + 1] - {v}[i]) for i in range(len({v}) - 1)]",
     ["Make the list of differences between neighbors in {it}, larger minus smaller."],
     work=lambda v, r: ", ".join(calc(f"{max(a, b)} - {min(a, b)}") for a, b in zip(v, v[1:]))
      + f". The differences are {r}.", it="the list of differences", ask="What is the list of differences?")
