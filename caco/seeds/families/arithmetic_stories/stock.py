# A story that starts with some things.
family("stock", "arithmetic_stories")

opener("stock", "count", {"start": ("{noun}", (20, 99))}, "",
       ["{who} has {start} {noun}.", "{who} starts with {start} {noun}."],
       ask="How many {noun} does {who} have?")
opener("two_stocks", "count", {"first": ("red_{noun}", (5, 40)), "second": ("blue_{noun}", (5, 40))},
       "{noun} = {first} + {second}",
       ["{who} has {first} red {noun} and {second} blue {noun}.",
        "{who} puts {first} red {noun} and {second} blue {noun} together."],
       work="<<{first} + {second}>> {noun}.", ask="How many {noun} does {who} have?")
