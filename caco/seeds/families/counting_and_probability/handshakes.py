# Pairs of people, pairs of things.
family("handshakes", "counting_and_probability")

opener("handshakes", "number", {"people": (4, 30)}, "handshakes = {people} * ({people} - 1) // 2",
       ["{people} people meet, and each shakes hands once with every other. Count the handshakes.",
        "In a group of {people} people, all shake hands with each other once. Count the handshakes."],
       work="The number of handshakes is <<{people} * ({people} - 1) // 2>>.", it="the number of handshakes")
step("pairs_of", "count", "number", {}, "pairs = {v} * ({v} - 1) // 2",
     ["Count the ways to choose 2 of these {noun}."], need="v <= 60",
     work="The number of ways is <<{v} * ({v} - 1) // 2>>.", it="the number of ways",
     final="In how many ways can {who} choose 2 of these {noun}?")
