# Days of the week, modulo 7.
family("weekdays", "dates_and_units")

WEEK_LINE = 'week = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()'


def week_work(v, r, move):
    return f"{v} is day {WEEK.index(v)}. {calc(f'({WEEK.index(v)} {move}) % 7')}. Day {WEEK.index(r)} is {r}."


opener("today", "weekday", {"today": WEEK}, WEEK_LINE, ["Today is {today}.", "A trip starts on a {today}."],
       variable="{today}", it="that day", weight=2)
opener("day_after_today", "weekday", {"today": WEEK, "wait": ("days_to_wait", (2, 20))},
       WEEK_LINE + "\nstart_day = week[(week.index({today}) + {wait}) % 7]",
       ["Today is {today}, and a trip starts {wait} days later."],
       work=lambda v, r, today, wait: week_work(today, r, f"+ {wait}"))
step("days_later", "weekday", "weekday", {"days": ("days_later", (2, 60))},
     "later_day = week[(week.index({v}) + {days}) % 7]",
     ["Go {days} days forward from {it}.", "From {it}, go {days} days forward."],
     work=lambda v, r, days: week_work(v, r, f"+ {days}"),
     ask=["Which weekday is it then?", "What day of the week is it then?"])
step("weeks_later", "weekday", "weekday", {"weeks": ("weeks_later", (2, 6)), "days": ("and_days", (1, 6))},
     "day_after_weeks = week[(week.index({v}) + {weeks} * 7 + {days}) % 7]",
     ["Go {weeks} weeks and {days} more days forward from {it}."],
     work=lambda v, r, weeks, days: week_work(v, r, f"+ {weeks} * 7 + {days}"),
     ask="Which weekday is it then?", need="days > 1", it="the new day")
step("days_earlier", "weekday", "weekday", {"days": ("days_back", (2, 40))},
     "earlier_day = week[(week.index({v}) - {days}) % 7]", ["Go {days} days back from {it}."],
     work=lambda v, r, days: week_work(v, r, f"- {days}"), ask="Which weekday is it then?")
step("is_weekend", "weekday", "yesno", {}, 'is_weekend = "yes" if week.index({v}) >= 5 else "no"',
     ["Check if {it} is a Saturday or a Sunday."],
     work=lambda v, r: f"{v} is day {WEEK.index(v)}. Weekend: {r}.", ask="Is it, yes or no?",
     final="Is {it} a Saturday or a Sunday, yes or no?")
step("days_to_sunday", "weekday", "number", {}, "days_to_sunday = 6 - week.index({v})",
     ["Count the days from {it} to the Sunday that ends its week."], need="r > 0",
     work=lambda v, r: f"{v} is day {WEEK.index(v)}. The number of days is {calc(f'6 - {WEEK.index(v)}')}.",
     it="the number of days")
drill("weekday", {"today": WEEK, "days": (2, 60)}, "Today is {today}. Which weekday is it {days} days later?",
      lambda today, days: week_work(today, WEEK[(WEEK.index(today) + days) % 7], f"+ {days}"),
      lambda today, days: WEEK[(WEEK.index(today) + days) % 7])
