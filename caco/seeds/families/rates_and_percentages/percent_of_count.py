# A percentage of things, rounded down.
family("percent_of_count", "rates_and_percentages")

step("percent_sold", "count", "count", {"percent": ("percent_sold", [10, 20, 25, 50])},
     ["{noun}_in_percent = {v} * {percent} // 100", "{noun}_after_percent = {v} - {noun}_in_percent"],
     ["{who} sells {percent} percent of the {noun}, rounded down to a whole number of {noun}."],
     work=lambda v, r, percent: f"{calc(f'{v} * {percent} // 100')} sold.\n{calc(f'{v} - {v - r}')} remain.",
     ask="How many {noun} remain?")
step("percent_part", "count", "count", {"percent": ("percent_green", [10, 20, 25, 50, 75])},
     "green_{noun} = {v} * {percent} // 100",
     ["Of the {noun}, {percent} percent, rounded down, are green. {who} keeps only the green {noun}."],
     work="<<{v} * {percent} // 100>> green {noun}.", ask="How many green {noun} does {who} have?")
step("percent_of", "number", "number", {"percent": [10, 20, 25, 50, 75]}, "part = {v} * {percent} // 100",
     ["Take {percent} percent of {it}, rounded down."], work="The part is <<{v} * {percent} // 100>>.",
     final="What is {percent} percent of {it}, rounded down?")
