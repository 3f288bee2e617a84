# Things are shared equally.
family("sharing", "arithmetic_stories")

step("share", "count", "count", {"sharers": ("friends_sharing", (2, 9))},
     "{noun}_per_sharer = {v} // {sharers}",
     ["{who} shares the {noun} equally among {sharers} friends, as many as possible for each. One of "
      "these friends is {friend}.",
      "{friend} is one of {sharers} friends who share all these {noun} equally, as many as possible for "
      "each."], work="For each friend, <<{v} // {sharers}>> {noun}.", ask="How many {noun} does {friend} get?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
