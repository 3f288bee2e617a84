# A fixed number of repetitions.
family("loops", "logic_and_algorithms")


def loop_work(value, times, move):
    parts = []
    for _ in range(times):
        parts.append(calc(move.format(value)))
        value = eval(move.format(value))
    return ", ".join(parts) + "."


step("loop_double", "number", "number", {"times": ("loop_rounds", (2, 3)), "k": ("loop_added", (1, 9))},
     ["looped = {v}", "for _ in range({times}):", "    looped = looped * 2 + {k}"],
     ["Do this {times} times: replace {it} by its double plus {k}."], need="v <= 150",
     work=lambda v, r, times, k: loop_work(v, times, f"{{}} * 2 + {k}"), it="the result")
step("loop_halve", "number", "number", {"times": ("halving_rounds", (2, 3))},
     ["halved = {v}", "for _ in range({times}):", "    halved = halved // 2"],
     ["Do this {times} times: replace {it} by its half, rounded down."],
     work=lambda v, r, times: loop_work(v, times, "{} // 2"), it="the result")
step("loop_grow", "number", "number", {"times": ("growing_rounds", (2, 3)), "k": ("growing_added", (2, 20))},
     ["grown = {v}", "for _ in range({times}):", "    grown = grown + grown % 10 + {k}"],
     ["Do this {times} times: replace {it} by the sum of it, its last digit and {k}."], weight=1,
     it="the result", work=lambda v, r, times, k: grow_work(v, times, k))


def grow_work(value, times, k):
    parts = []
    for _ in range(times):
        parts.append(calc(f"{value} + {value % 10} + {k}"))
        value += value % 10 + k
    return ", ".join(parts) + "."
