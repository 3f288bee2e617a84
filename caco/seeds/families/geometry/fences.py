# A length turns into dollars or posts.
family("fences", "geometry")

step("fence_cost", "meters", "money", {"cost": ("dollars_per_meter", (2, 9))}, "fence_dollars = {v} * {cost}",
     ["{who} sells a fence as long as {it} for {cost} dollars per meter.",
      "{who} builds a fence as long as {it} and gets {cost} dollars for each meter."],
     work="The fence brings <<{v} * {cost}>> dollars.", ask="How many dollars does {who} get?")
step("posts", "meters", "count", {"gap": ("meters_per_post", (2, 6))}, "posts = {v} // {gap}",
     ["{who} sets one post for every full {gap} meters of {it}."], work="<<{v} // {gap}>> posts.",
     ask="How many posts does {who} set?",
     sets={"noun": "posts", "one": "post", "boxes": "carts", "box": "cart", "prep": "on"})
