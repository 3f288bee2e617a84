# Speed and distance.
family("trip", "rates_and_percentages")

opener("trip", "km", {"speed": ("km_per_hour", (20, 90)), "hours": (2, 8)}, "km = {speed} * {hours}",
       weight=2,
       says=["{who} drives {speed} km each hour for {hours} hours.",
        "For {hours} hours, {who} drives at {speed} km per hour."], work="<<{speed} * {hours}>> km.",
       ask="How many km does {who} drive?")
opener("daily_km", "km", {"days": ("driving_days", (3, 14)), "daily": ("km_per_day", (10, 60))},
       "km = {days} * {daily}",
       ["{who} drives {daily} km each day for {days} days.",
        "For {days} days, {who} drives {daily} km each day."], work="<<{days} * {daily}>> km.",
       ask="How many km does {who} drive?")
step("drive_more", "km", "km", {"more": ("more_km", (5, 60))}, "km_in_all = {v} + {more}",
     ["Then {who} drives {more} more km.", "After that, {who} drives another {more} km."],
     work="In all <<{v} + {more}>> km.", ask="How many km does {who} drive in all?")
step("second_speed", "km", "km",
     {"speed": ("second_km_per_hour", (10, 60)), "hours": ("second_hours", (2, 5))},
     "km_together = {v} + {speed} * {hours}",
     ["Then {who} drives {speed} km each hour for another {hours} hours."],
     work="Together <<{v} + {speed} * {hours}>> km.", ask="How many km does {who} drive in all?")
