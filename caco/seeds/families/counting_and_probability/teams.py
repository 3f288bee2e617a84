# Teams and leagues.
family("teams", "counting_and_probability")

opener("teams", "number", {"players": (4, 10), "size": ("team_size", (2, 3))},
       "teams = math.comb({players}, {size})", uses=("math",),
       says=["A team of {size} is chosen from {players} players. Count the possible teams."],
       work=lambda v, r, players, size: "The number of teams is " + calc(f"{players} * {players - 1} // 2"
        if size == 2 else f"{players} * {players - 1} * {players - 2} // 6") + ".", it="the number of teams")
opener("games", "number", {"clubs": (3, 20)}, "games = {clubs} * ({clubs} - 1)",
       ["In a league of {clubs} clubs, every club plays one home game against every other club. Count the "
        "games."], work="The number of games is <<{clubs} * ({clubs} - 1)>>.", it="the number of games")
