# Squares and powers.
family("powers", "number_theory")

step("square", "number", "number", {}, "square = {v} ** 2", ["Square {it}.", "Take the square of {it}."],
     need="1 < v <= 40", work="The square is <<{v} ** 2>>.", final="What is the square of {it}?")
step("power_of", "number", "number", {"power": [2, 3, 4]},
     ["exponent = {v} % 5", "power_value = {power} ** exponent"],
     ["Take the remainder when {it} is divided by 5, and raise {power} to that remainder."],
     work="The remainder is <<{v} % 5>>.\nThe power is <<{power} ** {w}>>.", it="the power",
     ask="What is the power?")
