# Minutes needed for things.
family("work_time", "dates_and_units")

step("minutes_each", "count", "minutes", {"each": ("minutes_per_{one}", (2, 9))},
     "minutes_needed = {v} * {each}",
     ["{who} checks all these {noun}, and each {one} takes {each} minutes.",
      "{who} needs {each} minutes to clean each {one}."], work="<<{v} * {each}>> minutes.",
     ask="How many minutes does {who} need?", it="the time needed")
step("every_day", "minutes", "minutes", {"days": ("days_of_work", (2, 7))}, "minutes_of_days = {v} * {days}",
     ["{who} does this on each of {days} days."], work="In {days} days, <<{v} * {days}>> minutes.",
     ask="How many minutes is this in all?", it="the time of all days")
step("faster", "minutes", "minutes", {"saved": ("minutes_saved", (2, 20))}, "shorter_time = {v} - {saved}",
     ["{friend} needs {saved} minutes less than {it}."], work="The shorter time is <<{v} - {saved}>> minutes.",
     it="the shorter time", ask="How many minutes does {friend} need?",
     sets={"who": "{friend}", "friend": "{third}", "third": "{who}"})
