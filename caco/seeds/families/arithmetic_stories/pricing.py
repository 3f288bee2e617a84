# Wages, and things sold for a price.
family("pricing", "arithmetic_stories")

step("sell_all", "count", "money", {"price": ("dollars_per_{one}", (2, 9))}, "dollars_earned = {v} * {price}",
     ["{who} sells all these {noun} for {price} dollars each.",
      "Each {one} is then sold for {price} dollars by {who}."], work="The sale brings <<{v} * {price}>> dollars.",
     ask="How many dollars does {who} earn?")
opener("wages", "money", {"hours": ("hours_worked", (2, 12)), "pay": ("dollars_per_hour", (5, 20))},
       "dollars = {hours} * {pay}",
       ["{who} works {hours} hours for {pay} dollars each hour.",
        "{who} earns {pay} dollars for each hour and works {hours} hours."],
       work="<<{hours} * {pay}>> dollars.", ask="How many dollars does {who} have?")
