# Another person has more, fewer or times as many.
family("comparing", "arithmetic_stories")

step("times_as_many", "count", "count", {"times": (2, 5)}, "{noun}_multiplied = {v} * {times}",
     "{friend} has {times} times as many {noun} as {who} has now.",
     work="{friend} has <<{v} * {times}>> {noun}.", ask="How many {noun} does {friend} have?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
step("more_than", "count", "count", {"more": ("more_{noun}", (2, 15))}, "{noun}_of_friend = {v} + {more}",
     "{friend} has {more} more {noun} than {who} has now.", work="{friend} has <<{v} + {more}>> {noun}.",
     ask="How many {noun} does {friend} have?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
step("fewer_than", "count", "count", {"fewer": ("fewer_{noun}", (2, 15))}, "{noun}_of_other = {v} - {fewer}",
     "{friend} has {fewer} fewer {noun} than {who} has now.", work="{friend} has <<{v} - {fewer}>> {noun}.",
     ask="How many {noun} does {friend} have?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
step("gap", "count", "number", {"other": ("other_{noun}", (2, 60))}, "gap = abs({v} - {other})",
     "{friend} has {other} {noun}. Take the difference between the numbers of {noun} of {who} and {friend}.",
     work=lambda v, r, other: "The difference is " + calc(f"{max(v, other)} - {min(v, other)}") + ".",
     it="the difference")
