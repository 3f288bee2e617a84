# Squares and their sides.
family("squares", "geometry")

opener("square_perimeter", "meters", {"a": ("side", (3, 40))}, "perimeter = 4 * {a}",
       ["A square has sides of {a} meters. Take its perimeter."], work="The perimeter is <<4 * {a}>> meters.",
       ask="What is the perimeter in meters?")
opener("square_area", "area", {"a": ("side", (3, 30))}, "area = {a} ** 2",
       ["A square has sides of {a} meters. Take its area."], work="The area is <<{a} ** 2>> square meters.",
       ask="What is the area in square meters?")
step("square_on", "meters", "area", {}, "square_area = {v} ** 2",
     ["Draw a square whose sides are as long as {it}."], need="v <= 50",
     work="The square has <<{v} ** 2>> square meters.",
     ask="What is the area of this square in square meters?", it="the area of the square")
