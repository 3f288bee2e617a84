# Weeks and days as days.
family("weeks", "dates_and_units")

opener("weeks", "days", {"weeks": (2, 12), "extra": ("extra_days", (2, 6))}, "days = {weeks} * 7 + {extra}",
       weight=2,
       says=["{who} travels for {weeks} weeks and {extra} days.",
        "A course lasts {weeks} weeks and {extra} days."], work="<<{weeks} * 7 + {extra}>> days.",
       ask="How many days is this?")
opener("trips_days", "days", {"trips": (2, 6), "each": ("days_per_trip", (3, 15))}, "days = {trips} * {each}",
       ["{who} makes {trips} trips of {each} days each, one after the other."],
       work="<<{trips} * {each}>> days.", ask="How many days is this?")
step("more_days", "days", "days", {"more": ("days_added", (3, 30))}, "longer_days = {v} + {more}",
     ["Make this time {more} days longer.", "Add {more} more days to this time."],
     work="Now <<{v} + {more}>> days.", ask="How many days is this in all?")
step("days_shorter", "days", "days", {"cut": ("days_cut", (2, 9))}, "fewer_days = {v} - {cut}",
     ["Make this time {cut} days shorter."], work="Now <<{v} - {cut}>> days.", ask="How many days is this?")
step("full_weeks", "days", "number", {}, "full_weeks = {v} // 7", ["Count only the full weeks of this time."],
     work="<<{v} // 7>> full weeks.", it="the number of full weeks",
     final="How many full weeks are in this time?")
step("hours_of_days", "days", "number", {"daily": ("hours_per_day", (2, 9))}, "hours_in_all = {v} * {daily}",
     ["On each of these days, {who} works {daily} hours. Count all the hours."],
     work="<<{v} * {daily}>> hours.", it="the number of hours")
