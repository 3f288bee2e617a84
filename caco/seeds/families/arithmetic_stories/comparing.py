# Another person has more, fewer or times as many.
family("comparing", "arithmetic_stories")

step("times_as_many", "count", "count", {"times": (2, 5)}, "{noun}_multiplied = {v} * {times}",
     ["Compared with what {who} has now, {friend} has {times} times as many {noun}.",
      "For each {one} that {who} has now, {friend} has {times}."],
     work="Multiplied: <<{v} * {times}>> {noun}.", ask="How many {noun} does {friend} have?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
step("more_than", "count", "count", {"more": ("more_{noun}", (2, 15))}, "{noun}_of_friend = {v} + {more}",
     "Compared with what {who} has now, {friend} has {more} more {noun}.",
     work="That is <<{v} + {more}>> {noun}.",
     ask="How many {noun} does {friend} have?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
step("fewer_than", "count", "count", {"fewer": ("fewer_{noun}", (2, 15))}, "{noun}_of_other = {v} - {fewer}",
     "Compared with what {who} has now, {friend} has {fewer} fewer {noun}.",
     work="That is <<{v} - {fewer}>> {noun}.",
     ask="How many {noun} does {friend} have?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
step("gap", "count", "number", {"other": ("other_{noun}", (2, 60))}, "gap = abs({v} - {other})",
     "Compare {who} with {friend}, who has {other} {noun}, and take the difference between these numbers.",
     work=lambda v, r, other: "The difference is " + calc(f"{max(v, other)} - {min(v, other)}") + ".",
     it="the difference")
