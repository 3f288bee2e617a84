# If one thing then this, otherwise that.
family("branches", "logic_and_algorithms")

step("if_above", "number", "number", {"limit": ("branch_limit", (10, 80)), "k": ("else_added", (2, 30))},
     "branch = {v} - {limit} if {v} > {limit} else {v} + {k}",
     ["If {it} is greater than {limit}, subtract {limit} from it, otherwise add {k} to it."], it="the result",
     work=lambda v, r, limit, k:
      f"{v} is {'greater' if v > limit else 'not greater'} than {limit}: "
      f"{calc(f'{v} - {limit}' if v > limit else f'{v} + {k}')}.")
step("if_even", "number", "number", {"k": ("odd_added", [1, 3, 5, 7, 9, 11])},
     "even_branch = {v} // 2 if {v} % 2 == 0 else {v} + {k}",
     ["If {it} is even, divide it by 2, otherwise add {k} to it."], it="the result",
     work=lambda v, r, k:
      f"{calc(f'{v} % 2')}, so it is {'odd' if v % 2 else 'even'}: {calc(f'{v} + {k}' if v % 2 else f'{v} // 2')}.")
