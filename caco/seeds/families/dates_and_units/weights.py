# Flour in grams.
family("weights", "dates_and_units")

opener("weight", "grams",
       {"kg": (2, 6), "extra": ("extra_grams", [50, 100, 150, 200, 250, 300, 400, 500, 600, 750])},
       "grams = {kg} * 1000 + {extra}", weight=2,
       says=["{who} has {kg} kg and {extra} grams of flour.",
        "The flour of {who} weighs {kg} kg and {extra} grams."], work="<<{kg} * 1000 + {extra}>> grams.",
       ask="How many grams is this?")
opener("packets", "grams",
       {"packets": (3, 12), "size": ("grams_per_packet", [100, 150, 200, 250, 300, 400, 500])},
       "grams = {packets} * {size}", ["{who} has {packets} packets of flour with {size} grams each."],
       work="<<{packets} * {size}>> grams.", ask="How many grams is this?")
step("divide_grams", "grams", "grams", {"parts": ("equal_bowls", (2, 6))}, "grams_per_bowl = {v} // {parts}",
     ["{who} divides the flour equally into {parts} bowls, in whole grams, and keeps only one bowl."],
     work="<<{v} // {parts}>> grams in a bowl.", ask="How many grams does {who} keep?")
step("use_grams", "grams", "grams", {"used": ("grams_used", [20, 50, 80, 100, 150, 200, 250, 300])},
     "grams_left = {v} - {used}", ["{who} uses {used} grams of it.", "Then {who} uses {used} grams of it."],
     work="<<{v} - {used}>> grams are left.", ask="How many grams are left?")
step("add_grams", "grams", "grams",
     {"bags": ("flour_bags", (2, 5)), "each": ("grams_per_bag", [100, 200, 250, 500])},
     "grams_now = {v} + {bags} * {each}", ["{who} buys {bags} more bags with {each} grams each."],
     work="Now <<{v} + {bags} * {each}>> grams.", ask="How many grams does {who} have now?")
step("portions", "grams", "count", {"size": ("grams_per_cake", [100, 150, 200, 250, 300])},
     "cakes = {v} // {size}", ["{who} bakes as many cakes as possible, with {size} grams for each cake."],
     work="<<{v} // {size}>> cakes.", ask="How many cakes does {who} bake?",
     sets={"noun": "cakes", "one": "cake", "boxes": "boxes", "box": "box", "prep": "in"})
