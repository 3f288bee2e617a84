# A percentage of dollars, rounded down.
family("percent_of_money", "rates_and_percentages")

step("percent_spent", "money", "money", {"percent": ("percent_spent", [10, 20, 25, 50])},
     ["part_spent = {v} * {percent} // 100", "dollars_remaining = {v} - part_spent"],
     ["{who} spends {percent} percent of the money, rounded down to whole dollars."],
     work=lambda v, r, percent:
      f"Spent: {calc(f'{v} * {percent} // 100')}.\n{calc(f'{v} - {v - r}')} dollars remain.",
     ask="How many dollars remain?")
step("interest", "money", "money", {"percent": ("percent_interest", [2, 5, 10, 20])},
     ["interest = {v} * {percent} // 100", "dollars_with_interest = {v} + interest"],
     ["A bank adds {percent} percent to the money, rounded down to whole dollars."],
     work=lambda v, r, percent:
      f"The interest is {calc(f'{v} * {percent} // 100')}.\n{calc(f'{v} + {r - v}')} dollars.",
     ask="How many dollars does {who} have with interest?")
