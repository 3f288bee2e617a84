# Sums of consecutive numbers.
family("series", "sequences")

opener("series", "number", {"first": ("sum_from", (1, 30)), "last": ("sum_to", (31, 60))},
       ["num_terms = {last} - {first} + 1", "series_sum = ({first} + {last}) * num_terms // 2"],
       ["Add all whole numbers from {first} to {last}.",
        "Take the sum of all whole numbers from {first} to {last}."],
       work="There are <<{last} - {first} + 1>> numbers.\nThe sum is <<({first} + {last}) * {w} // 2>>.",
       it="the sum")
step("sum_to", "number", "number", {}, "sum_to_number = {v} * ({v} + 1) // 2",
     ["Add all whole numbers from 1 to {it}."], need="1 < v <= 60",
     work="The sum is <<{v} * ({v} + 1) // 2>>.", it="the sum of these numbers",
     final="What is the sum of all whole numbers from 1 to {it}?")
