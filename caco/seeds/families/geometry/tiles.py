# An area turns into tiles, dollars or a box.
family("tiles", "geometry")

step("tiles", "area", "count", {"size": ("square_meters_per_tile", (2, 6))}, "tiles = {v} // {size}",
     ["{who} needs one tile for every full {size} square meters of {it} and buys these tiles."],
     work="<<{v} // {size}>> tiles.", ask="How many tiles does {who} buy?",
     sets={"noun": "tiles", "one": "tile", "boxes": "boxes", "box": "box", "prep": "in"})
step("paint_cost", "area", "money", {"cost": ("dollars_per_square_meter", (2, 6))},
     "paint_dollars = {v} * {cost}", ["{who} paints {it} and gets {cost} dollars for each square meter."],
     work="The paint brings <<{v} * {cost}>> dollars.", ask="How many dollars does {who} get?")
step("box_volume", "area", "volume", {"height": (2, 9)}, "volume = {v} * {height}",
     ["Build a box that is {height} meters high and has {it} as the area of its floor."],
     work="The volume is <<{v} * {height}>> cubic meters.", ask="What is the volume in cubic meters?")
