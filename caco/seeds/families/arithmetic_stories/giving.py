# Things are given to friends.
family("giving", "arithmetic_stories")

step("give", "count", "count", {"given": (2, 15)}, "{noun}_kept = {v} - {given}",
     ["{who} gives {given} {noun} to {friend}.", "{friend} gets {given} of the {noun} from {who}."],
     work="After giving, <<{v} - {given}>> {noun}.",
     ask=["How many {noun} does {who} keep?", "How many {noun} does {who} still have?"])
step("give_friends", "count", "count", {"friends": (2, 5), "gift": ("{noun}_per_friend", (2, 6))},
     "{noun}_after_gifts = {v} - {friends} * {gift}",
     ["{who} gives {gift} {noun} to each of {friends} friends.",
      "Each of {friends} friends gets {gift} {noun} from {who}."],
     work="After the gifts, <<{v} - {friends} * {gift}>> {noun}.",
     ask="How many {noun} does {who} have after that?")
