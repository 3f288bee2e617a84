# Paths on a grid, lines between points.
family("expected", "counting_and_probability")

opener("paths", "number", {"right": ("steps_right", (2, 8))}, "paths = ({right} + 2) * ({right} + 1) // 2",
       ["On a grid, a path takes {right} steps to the right and 2 steps up, in any order. Count the "
        "possible paths."], work="The number of paths is <<({right} + 2) * ({right} + 1) // 2>>.",
       it="the number of paths")
step("pairs_number", "number", "number", {}, "number_pairs = {v} * ({v} - 1) // 2",
     ["Take as many points as {it} and draw a line between every two points. Count the lines."],
     need="1 < v <= 50", work="The number of lines is <<{v} * ({v} - 1) // 2>>.", it="the number of lines")
