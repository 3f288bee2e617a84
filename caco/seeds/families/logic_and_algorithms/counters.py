# Counters and robots that repeat a move.
family("counters", "logic_and_algorithms")

opener("counter", "number",
       {"start": ("counter_start", (2, 40)), "up": ("count_up", (5, 12)), "down": ("count_down", (2, 4)),
        "rounds": (2, 9)}, "counter = {start} + ({up} - {down}) * {rounds}",
       ["A counter starts at {start}. In each of {rounds} rounds, it goes up by {up} and then down by "
        "{down}."], work="The counter is at <<{start} + ({up} - {down}) * {rounds}>>.")
opener("robot", "number",
       {"right": ("steps_right", (6, 15)), "left": ("steps_left", (2, 5)), "rounds": (3, 12)},
       "position = ({right} - {left}) * {rounds}",
       ["A robot starts at 0 on a line. It goes {right} steps to the right and {left} steps to the left, "
        "and does this {rounds} times. Take its position."],
       work="The position is <<({right} - {left}) * {rounds}>>.")
opener("double_counter", "number", {"start": ("counter_start", (2, 20)), "rounds": ("double_rounds", (2, 4))},
       ["counter = {start}", "for _ in range({rounds}):", "    counter = counter * 2 + 1"],
       ["A counter starts at {start}. It is doubled and then goes up by 1, and this is done {rounds} times."],
       work=lambda v, r, start, rounds: loop_work(start, rounds, "{} * 2 + 1"))
