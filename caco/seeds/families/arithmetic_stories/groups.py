# Equal groups of things.
family("groups", "arithmetic_stories")

opener("groups", "count", {"groups": ("{boxes}", (2, 12)), "per": ("{noun}_per_{box}", (2, 12))},
       "{noun} = {groups} * {per}",
       ["{who} has {groups} {boxes} with {per} {noun} {prep} each {box}.",
        "There are {groups} {boxes} of {noun}, and each {box} has {per} {noun}. {who} owns all of the "
        "{noun}."], work="<<{groups} * {per}>> {noun}.", ask="How many {noun} does {who} have?")
