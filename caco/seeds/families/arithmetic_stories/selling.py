# Things are sold, at once or daily.
family("selling", "arithmetic_stories")

step("sell", "count", "count", {"sold": (2, 20)}, "{noun}_left = {v} - {sold}",
     ["{who} sells {sold} of the {noun}.", "Then {who} sells {sold} {noun}."],
     work="After selling, <<{v} - {sold}>> {noun}.",
     ask=["How many {noun} are left?", "How many {noun} does {who} have left?"])
step("sell_daily", "count", "count", {"sale_days": (2, 5), "sold": ("{noun}_sold_per_day", (2, 6))},
     "unsold_{noun} = {v} - {sale_days} * {sold}",
     ["{who} sells {sold} {noun} each day for {sale_days} days.",
      "For {sale_days} days, {who} sells {sold} {noun} each day."],
     work="Unsold: <<{v} - {sale_days} * {sold}>> {noun}.",
     ask=["How many {noun} are not sold?", "How many {noun} does {who} have now?"])
