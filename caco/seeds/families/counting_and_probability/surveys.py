# Overlapping groups, and the pigeonhole rule.
family("surveys", "counting_and_probability")

opener("survey", "number",
       {"tea": ("like_tea", (10, 40)), "milk": ("like_milk", (10, 40)), "both": ("like_both", (2, 10))},
       "like_any = {tea} + {milk} - {both}",
       ["{tea} people like tea, {milk} people like milk, and {both} of them like both. Count the people "
        "who like tea or milk or both."], work="The count is <<{tea} + {milk} - {both}>>.", it="the count")
opener("drawers", "number", {"colors": ("sock_colors", (2, 9)), "same": ("same_color", (2, 6))},
       "socks_needed = {colors} * ({same} - 1) + 1",
       ["A big box has socks of {colors} colors, many of each color. Find the least number of socks to "
        "take, without looking, to be sure of {same} " "socks of the same color."],
       work="The number of socks is <<{colors} * ({same} - 1) + 1>>.", it="the number of socks")
