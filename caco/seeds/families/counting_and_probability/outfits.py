# Products of independent choices.
family("outfits", "counting_and_probability")

opener("outfits", "number", {"shirts": (2, 9), "hats": (2, 8), "scarves": (2, 6)},
       "outfits = {shirts} * {hats} * {scarves}",
       ["{who} has {shirts} shirts, {hats} hats and {scarves} scarves, and wears one of each. Count the "
        "possible outfits.",
        "An outfit is one of {shirts} shirts, one of {hats} hats and one of {scarves} scarves. Count the "
        "possible outfits."], work="The number of outfits is <<{shirts} * {hats} * {scarves}>>.",
       it="the number of outfits")
opener("meals", "number", {"soups": (2, 12), "mains": (2, 12)}, "meals = {soups} * {mains}",
       ["A meal is one of {soups} soups and one of {mains} main dishes. Count the possible meals."],
       work="The number of meals is <<{soups} * {mains}>>.", it="the number of meals")
