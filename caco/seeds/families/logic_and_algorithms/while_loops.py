# Repetition until a bound is reached.
family("while_loops", "logic_and_algorithms")

step("halve_until", "number", "number", {"limit": ("halve_limit", (5, 30))},
     ["small = {v}", "while small > {limit}:", "    small = small // 2"],
     ["As long as {it} is greater than {limit}, replace it by its half, rounded down."],
     need="v > limit and r * 16 > v", it="the result", work=lambda v, r, limit: halving_work(v, limit))
step("count_subtractions", "number", "number", {"k": ("taken_each_time", (15, 60))},
     ["left = {v}", "subtractions = 0", "while left >= {k}:", "    left = left - {k}",
      "    subtractions = subtractions + 1"], variable="subtractions",
     says=["Count how often {k} can be subtracted from {it} before less than {k} is left."], need="0 < r < 6",
     it="the count",
     work=lambda v, r, k: ", ".join(calc(f"{v - k * i} - {k}") for i in range(r)) + f". The count is {r}.")


def halving_work(value, limit):
    parts = []
    while value > limit:
        parts.append(calc(f"{value} // 2"))
        value //= 2
    return ", ".join(parts) + f". {value} is not greater than {limit}."
