# Water in a tank, in cans, in jugs.
family("tank", "rates_and_percentages")

opener("tank", "liters", {"rate": ("liters_per_minute", (2, 12)), "minutes": (3, 20)},
       "liters = {rate} * {minutes}",
       ["A tap fills a tank with {rate} liters each minute for {minutes} minutes.",
        "For {minutes} minutes, {rate} liters run into an empty tank each minute."],
       work="<<{rate} * {minutes}>> liters.", ask="How many liters are in the tank?")
opener("buckets", "liters", {"cans": ("water_cans", (3, 15)), "size": ("liters_per_water_can", (2, 12))},
       "liters = {cans} * {size}", ["{who} has {cans} cans of water with {size} liters each."],
       work="<<{cans} * {size}>> liters.", ask="How many liters does {who} have?")
step("leak", "liters", "liters", {"leaked": ("liters_leaked", (2, 15))}, "liters_left = {v} - {leaked}",
     ["From these liters, {leaked} liters leak out.", "Then {leaked} of the liters leak out."],
     work="<<{v} - {leaked}>> liters left.", ask="How many liters are left?")
step("pour_in", "liters", "liters", {"cans": (2, 6), "size": ("liters_per_can", (2, 10))},
     "liters_now = {v} + {cans} * {size}",
     ["{who} adds {cans} cans with {size} liters each.",
      "Then {who} adds {cans} cans of {size} liters each."], work="Now <<{v} + {cans} * {size}>> liters.",
     ask="How many liters are there now?")
step("bottle", "liters", "count", {"size": ("liters_per_jug", (2, 6))}, "jugs = {v} // {size}",
     ["{who} fills all these liters into jugs of {size} liters each and keeps only the full jugs.",
      "All these liters go into jugs of {size} liters each. {who} keeps only the full jugs."],
     work="<<{v} // {size}>> full jugs.", ask="How many full jugs does {who} have?",
     sets={"noun": "jugs", "one": "jug", "boxes": "boxes", "box": "box", "prep": "in"})
