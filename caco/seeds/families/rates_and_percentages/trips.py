# What a distance costs and burns.
family("trips", "rates_and_percentages")

step("repeat_trip", "km", "km", {"trips": (2, 6)}, "km_of_trips = {v} * {trips}",
     ["{who} makes this whole trip {trips} times.", "In a month, {who} makes this whole trip {trips} times."],
     work="All trips: <<{v} * {trips}>> km.", ask="How many km are all these trips together?")
step("fuel", "km", "liters", {"use": ("km_per_liter", (5, 20))}, "liters = {v} // {use}",
     ["The car burns one liter for every full {use} km.",
      "For every full {use} km, the car burns one liter."], work="<<{v} // {use}>> liters.",
     ask="How many liters does the car burn?")
step("trip_cost", "km", "money", {"cost": ("dollars_per_km", (2, 5))}, "dollars_for_trip = {v} * {cost}",
     ["{friend} pays {who} {cost} dollars for each km.",
      "For each km, {who} gets {cost} dollars from {friend}."], work="<<{v} * {cost}>> dollars.",
     ask="How many dollars does {who} get?")
