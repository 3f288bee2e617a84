# Results of dice.
family("dice", "counting_and_probability")

opener("dice_sum", "number", {"total": ("dice_total", (3, 11))},
       "rolls = len([a for a in range(1, 7) if 1 <= {total} - a <= 6])",
       ["Two different dice with the numbers 1 to 6 are thrown. Count the ways to get a total of {total}."],
       work=lambda v, r, total: "The ways are " + ", ".join(f"{a} + {total - a}" for a in range(1, 7)
        if 1 <= total - a <= 6) + f". The number of ways is {r}.", it="the number of ways")
opener("dice_rolls", "number", {"sides": (3, 12), "dice": (2, 3)}, "results = {sides} ** {dice}",
       ["{dice} different dice have {sides} sides each. Count the possible results of one throw of all "
        "the dice."], work="The number of results is <<{sides} ** {dice}>>.", it="the number of results")
