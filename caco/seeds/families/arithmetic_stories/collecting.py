# Things are collected day by day.
family("collecting", "arithmetic_stories")

opener("collect", "count", {"days": (3, 14), "per": ("{noun}_per_day", (3, 15))}, "{noun} = {days} * {per}",
       ["{who} collects {per} {noun} each day for {days} days.",
        "For {days} days, {who} collects {per} {noun} each day."], work="<<{days} * {per}>> {noun}.",
       ask="How many {noun} does {who} have?")
step("collect_more", "count", "count", {"more_days": (2, 9), "per": ("more_{noun}_per_day", (2, 9))},
     ["{noun}_collected = {more_days} * {per}", "{noun}_with_new = {v} + {noun}_collected"],
     ["Then {who} collects {per} more {noun} each day for {more_days} days.",
      "For the next {more_days} days, {who} collects {per} more {noun} each day."],
     work="<<{more_days} * {per}>> new.\nTogether <<{v} + {w}>> {noun}.",
     ask="How many {noun} does {who} have now?")
