# Sides and angles of triangles.
family("triangles", "geometry")

opener("triangle_perimeter", "meters",
       {"a": ("side_a", (5, 12)), "b": ("side_b", (5, 12)), "c": ("side_c", (5, 10))},
       "perimeter = {a} + {b} + {c}",
       ["A triangle has sides of {a}, {b} and {c} meters. Take its perimeter."], need="max(a, b, c) * 2 < r",
       work="The perimeter is <<{a} + {b} + {c}>> meters.", ask="What is the perimeter in meters?")
opener("triangle_angle", "degrees", {"a": ("angle_a", (20, 85)), "b": ("angle_b", (20, 85))},
       "angle = 180 - {a} - {b}",
       ["Two angles of a triangle are {a} degrees and {b} degrees. Take the third angle."],
       work="The third angle is <<180 - {a} - {b}>> degrees.", ask="How many degrees is the third angle?",
       it="the third angle")
opener("straight_angle", "degrees", {"a": ("known_angle", (15, 165))}, "angle = 180 - {a}",
       ["Two angles together make 180 degrees. One of them is {a} degrees. Take the other angle."],
       work="The other angle is <<180 - {a}>> degrees.", ask="How many degrees is the other angle?",
       it="the other angle")
step("turn_more", "degrees", "degrees", {"turn": ("degrees_turned", (10, 120))},
     "new_angle = ({v} + {turn}) % 360", ["Turn {it} further by {turn} degrees, modulo 360."],
     work="The new angle is <<({v} + {turn}) % 360>> degrees.", ask="How many degrees is the new angle?")
step("right_turn_rest", "degrees", "degrees", {}, "rest_angle = 360 - {v}",
     ["Take 360 degrees minus {it}.", "Subtract {it} from 360 degrees."],
     work="The rest is <<360 - {v}>> degrees.", ask="How many degrees is the rest?", it="the rest")
step("equal_angles", "degrees", "degrees", {"parts": ("equal_angles", (2, 6))}, "part_angle = {v} // {parts}",
     ["Cut {it} into {parts} equal angles, and round one of these down to whole degrees."],
     work="One angle is <<{v} // {parts}>> degrees.", ask="How many degrees is this rounded angle?")
