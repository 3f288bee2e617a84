# Ropes joined and cut.
family("ropes", "geometry")

opener("rope", "meters", {"pieces": ("rope_pieces", (2, 9)), "a": ("meters_per_piece", (3, 20))},
       "rope = {pieces} * {a}",
       ["{who} ties {pieces} pieces of rope with {a} meters each to one long rope, and no length is lost."],
       work="The rope has <<{pieces} * {a}>> meters.", ask="How many meters long is the rope?")
step("cut_off", "meters", "meters", {"cut": ("meters_cut", (2, 15))}, "shorter_length = {v} - {cut}",
     ["Make {it} shorter by {cut} meters.", "Take {cut} meters away from {it}."],
     work="The shorter length is <<{v} - {cut}>> meters.", ask="What is the shorter length in meters?")
step("cut_pieces", "meters", "count", {"size": ("meters_per_strip", (2, 9))}, "strips = {v} // {size}",
     ["{who} has a ribbon as long as {it} and cuts it into full strips of {size} meters."],
     work="<<{v} // {size}>> full strips.", ask="How many full strips does {who} get?",
     sets={"noun": "strips", "one": "strip", "boxes": "rolls", "box": "roll", "prep": "on"})
step("scale_length", "meters", "meters", {"times": ("length_factor", (2, 5))},
     "scaled_length = {v} * {times}", ["Make {it} {times} times as long."],
     work="The scaled length is <<{v} * {times}>> meters.", it="the new length",
     ask="What is the new length in meters?")
