# Orders of finish and medals.
family("orders", "counting_and_probability")

opener("orders", "number", {"runners": (2, 6)}, "orders = math.factorial({runners})",
       ["{runners} runners finish a race one after the other. Count the possible orders.",
        "In a race, {runners} runners finish one after the other. Count the possible orders."],
       uses=("math",),
       work=lambda v, r, runners: "The number of orders is " + calc(" * ".join(map(str, range(runners, 0,
        -1)))) + ".", it="the number of orders")
opener("podium", "number", {"runners": ("race_runners", (3, 12))},
       "podiums = {runners} * ({runners} - 1) * ({runners} - 2)",
       ["{runners} runners race, and the first, second and third place get medals. Count the ways to give "
        "the medals."], work="The number of ways is <<{runners} * ({runners} - 1) * ({runners} - 2)>>.",
       it="the number of ways")
