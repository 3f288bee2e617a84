# Dollars turn into items and change.
family("shopping", "arithmetic_stories")

step("buy_items", "money", "count", {"price": ("dollars_per_{item}", (2, 9))}, "{items} = {v} // {price}",
     ["{who} buys as many {items} as possible for {price} dollars each.",
      "A {item} costs {price} dollars, and {who} buys as many {items} as possible with these dollars."],
     work="<<{v} // {price}>> {items}.", ask="How many {items} does {who} buy?",
     sets={"noun": "{items}", "one": "{item}", "boxes": "bags", "box": "bag", "prep": "in"})
step("change", "money", "money", {"price": ("{item}_price", (3, 12))}, "change = {v} % {price}",
     ["{who} buys as many {items} as possible for {price} dollars each and keeps the change."],
     work="The change is <<{v} % {price}>> dollars.", ask="How many dollars does {who} keep?")
step("buy_some", "money", "money",
     {"number": ("{items}_bought", (2, 6)), "price": ("price_of_{item}", (2, 9))},
     "dollars_after_shopping = {v} - {number} * {price}",
     ["{who} buys {number} {items} for {price} dollars each.",
      "Then {who} pays for {number} {items} at {price} dollars each."],
     work="After shopping, <<{v} - {number} * {price}>> dollars.",
     ask="How many dollars does {who} have left?")
