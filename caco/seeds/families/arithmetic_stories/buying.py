# More things are bought, singly or in boxes.
family("buying", "arithmetic_stories")

step("buy", "count", "count", {"bought": (2, 30)}, "{noun}_now = {v} + {bought}",
     ["{who} buys {bought} more {noun}.", "Then {who} buys {bought} {noun}."],
     work="Now <<{v} + {bought}>> {noun}.", ask="How many {noun} does {who} have now?")
step("buy_boxes", "count", "count",
     {"fresh": ("new_{boxes}", (2, 8)), "per": ("{noun}_per_new_{box}", (2, 9))},
     ["new_{noun} = {fresh} * {per}", "all_{noun} = {v} + new_{noun}"],
     ["{who} buys {fresh} new {boxes} with {per} {noun} {prep} each new {box}.",
      "Then {who} gets {fresh} new {boxes}, and each new {box} has {per} {noun}."],
     work="<<{fresh} * {per}>> new.\nIn all <<{v} + {w}>> {noun}.",
     ask=["How many {noun} does {who} have in all?", "How many {noun} does {who} have now?"])
