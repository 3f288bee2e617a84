# Dollars saved, spent and earned.
family("money", "arithmetic_stories")

opener("savings", "money", {"dollars": (20, 150)}, "",
       ["{who} has {dollars} dollars.", "{who} saves {dollars} dollars."],
       ask="How many dollars does {who} have?")
step("spend", "money", "money", {"spent": ("dollars_spent", (2, 30))}, "dollars_left = {v} - {spent}",
     ["{who} spends {spent} dollars.", "Then {who} spends {spent} of the dollars."],
     work="<<{v} - {spent}>> dollars left.", ask="How many dollars does {who} have left?")
step("earn", "money", "money", {"extra": ("more_dollars", (2, 40))}, "dollars_now = {v} + {extra}",
     ["{who} gets {extra} more dollars.", "Then {who} earns {extra} more dollars."],
     work="Now <<{v} + {extra}>> dollars.", ask="How many dollars does {who} have now?")
step("save_weekly", "money", "money", {"weeks": (2, 10), "weekly": ("dollars_per_week", (2, 12))},
     "dollars_saved = {v} + {weeks} * {weekly}",
     ["Each week for {weeks} weeks, {who} saves {weekly} more dollars.",
      "For {weeks} weeks, {who} adds {weekly} dollars each week."],
     work="With savings, <<{v} + {weeks} * {weekly}>> dollars.",
     ask="How many dollars does {who} have after that?")
step("times_money", "money", "money", {"times": ("times_money", (2, 5))},
     "dollars_multiplied = {v} * {times}",
     ["Compared with what {who} has now, {friend} has {times} times as many dollars.",
      "For each dollar that {who} has now, {friend} has {times}."],
     work="Multiplied: <<{v} * {times}>> dollars.", ask="How many dollars does {friend} have?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
