# Area and perimeter of a rectangle.
family("rectangles", "geometry")

opener("rectangle_area", "area", {"a": ("length", (4, 30)), "b": ("width", (3, 20))}, "area = {a} * {b}",
       ["A rectangle is {a} meters long and {b} meters wide. Take its area.",
        "Find the area of a rectangle of {a} meters by {b} meters."],
       work="The area is <<{a} * {b}>> square meters.", ask="What is the area in square meters?")
opener("rectangle_perimeter", "meters", {"a": ("length", (4, 40)), "b": ("width", (3, 30))},
       "perimeter = 2 * ({a} + {b})",
       ["A rectangle is {a} meters long and {b} meters wide. Take its perimeter.",
        "Find the perimeter of a rectangle of {a} meters by {b} meters."],
       work="The perimeter is <<2 * ({a} + {b})>> meters.", ask="What is the perimeter in meters?",
       it="the perimeter")
