# Boxes, cubes and trucks of sand.
family("volumes", "geometry")

opener("box", "volume",
       {"a": ("box_length", (2, 12)), "b": ("box_width", (2, 10)), "c": ("box_height", (2, 8))},
       "volume = {a} * {b} * {c}",
       ["A box is {a} meters long, {b} meters wide and {c} meters high. Take its volume."],
       work="The volume is <<{a} * {b} * {c}>> cubic meters.", ask="What is the volume in cubic meters?")
opener("cube", "volume", {"a": ("cube_side", (2, 12))}, "volume = {a} ** 3",
       ["A cube has sides of {a} meters. Take its volume."], work="The volume is <<{a} ** 3>> cubic meters.",
       ask="What is the volume in cubic meters?")
step("fill_part", "volume", "volume", {"used": ("cubic_meters_used", (2, 40))}, "free_volume = {v} - {used}",
     ["Of this volume, {used} cubic meters are used. Take the free volume."],
     work="<<{v} - {used}>> cubic meters are free.", ask="How many cubic meters are free?")
step("pack_cubes", "volume", "count", {"size": ("cubic_meters_per_truck", (2, 12))}, "trucks = {v} // {size}",
     ["{who} fills trucks with sand of this volume, {size} cubic meters for each truck. Only full trucks "
      "count."], work="<<{v} // {size}>> full trucks.", ask="How many full trucks does {who} have?",
     sets={"noun": "trucks", "one": "truck", "boxes": "yards", "box": "yard", "prep": "in"})
step("many_boxes", "volume", "volume", {"boxes_equal": ("equal_boxes", (2, 6))},
     "volume_of_boxes = {v} * {boxes_equal}", ["Take {boxes_equal} times this volume."],
     work="<<{v} * {boxes_equal}>> cubic meters.", ask="How many cubic meters is this?")
