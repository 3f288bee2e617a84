# Areas put together and taken apart.
family("floors", "geometry")

opener("l_shape", "area",
       {"a": ("first_length", (3, 15)), "b": ("first_width", (2, 12)), "c": ("second_length", (3, 12)), "d":
        ("second_width", (2, 9))}, ["first_area = {a} * {b}", "area = first_area + {c} * {d}"],
       ["A floor is made of a rectangle of {a} by {b} meters and a second rectangle of {c} by {d} meters. "
        "Take the whole area."],
       work="<<{a} * {b}>> for the first.\nThe area is <<{w} + {c} * {d}>> square meters.",
       ask="What is the whole area in square meters?")
step("take_square", "area", "area", {"side": ("small_square_side", (2, 6))},
     "area_without_square = {v} - {side} ** 2",
     ["Subtract the area of a square with sides of {side} meters from {it}.",
      "From {it}, take away the area of a square with sides of {side} meters."],
     work="Without the square, <<{v} - {side} ** 2>> square meters.", ask="How many square meters are left?",
     it="the rest of the area")
step("many_floors", "area", "area", {"rooms": (2, 6)}, "area_of_rooms = {v} * {rooms}",
     ["Take {rooms} times {it}."], work="All together <<{v} * {rooms}>> square meters.",
     ask="How many square meters is this?", it="the larger area")
