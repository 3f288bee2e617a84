# Full hours, and cards painted in a time.
family("hours", "dates_and_units")

step("full_hours", "minutes", "number", {}, "full_hours = {v} // 60", ["Count only the full hours of {it}."],
     work="<<{v} // 60>> full hours.", it="the number of full hours",
     final="How many full hours are in {it}?")
step("left_minutes", "minutes", "minutes", {}, "minutes_after_hours = {v} % 60",
     ["Leave out all full hours of {it} and keep the minutes that remain."],
     work="<<{v} % 60>> minutes remain.", it="the remaining time", ask="How many minutes remain?")
step("paint_cards", "minutes", "count", {"each": ("minutes_per_card", (3, 12))}, "cards = {v} // {each}",
     ["In {it}, {who} paints one card every {each} minutes and keeps only the finished cards.",
      "{who} needs {each} minutes to paint one card and paints as many cards as possible in {it}."],
     work="<<{v} // {each}>> cards.", ask="How many cards does {who} have?",
     sets={"noun": "cards", "one": "card", "boxes": "boxes", "box": "box", "prep": "in"})
