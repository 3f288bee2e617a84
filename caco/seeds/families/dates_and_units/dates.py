# Dates and days forward.
family("dates", "dates_and_units")

MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]


def date_work(start, days):
    day, month, parts = start.day + days, start.month, [calc(f"{start.day} + {days}")]
    while day > MONTH_DAYS[month - 1]:
        parts.append(f"month {month} has {MONTH_DAYS[month - 1]} days, {calc(f'{day} - {MONTH_DAYS[month - 1]}')}")
        day, month = day - MONTH_DAYS[month - 1], month + 1
    return ", ".join(parts) + f", so it is day {day} of month {month}. "


opener("date", "calendar", {"day": (1, 28), "month": (1, 10), "year": [2021, 2022, 2023, 2025]},
       "date = datetime.date({year}, {month}, {day})",
       ["Start on day {day} of month {month} of the year {year}.",
        "It is day {day} of month {month} in the year {year}."], uses=("datetime",), weight=3)
opener("month_start", "calendar", {"month": (2, 10), "year": [2021, 2022, 2023, 2025]},
       "month_start = datetime.date({year}, {month}, 1)",
       ["Start on the first day of month {month} of the year {year}.",
        "It is the first day of month {month} in the year {year}."], uses=("datetime",), weight=2)
step("calendar_days", "calendar", "calendar", {"days": ("days_passed", (2, 20))},
     "date_now = {v} + datetime.timedelta(days={days})", ["Then {days} days pass."], uses=("datetime",),
     work=lambda v, r, days: date_work(v, days).strip(), need="r.year == v.year")
step("calendar_weeks", "calendar", "calendar", {"weeks": ("weeks_passed", (2, 4))},
     "date_after_passing = {v} + datetime.timedelta(weeks={weeks})", ["Then {weeks} weeks pass."],
     uses=("datetime",),
     work=lambda v, r, weeks: f"{calc(f'{weeks} * 7')} days. {date_work(v, weeks * 7)}".strip(),
     need="r.year == v.year")
step("day_number", "calendar", "number", {}, "day_number = {v}.day",
     ["Take the number of the day in its month."], uses=("datetime",), work="The day is {r}.",
     it="the number of the day")
step("date_later", "calendar", "date", {"days": ("days_after_date", (3, 45))},
     "later_date = ({v} + datetime.timedelta(days={days})).isoformat()",
     need="(v + datetime.timedelta(days=days)).year == v.year", says=["Go {days} days forward."],
     uses=("datetime",), work=lambda v, r, days: f"{date_work(v, days)}The date is {r}.",
     ask=["What is the date then, as year-month-day?"], weight=3)
step("date_after_weeks", "calendar", "date", {"weeks": ("weeks_after_date", (2, 6))},
     "date_after_weeks = ({v} + datetime.timedelta(weeks={weeks})).isoformat()",
     need="(v + datetime.timedelta(weeks=weeks)).year == v.year", says=["Go {weeks} weeks forward."],
     uses=("datetime",), ask="What is the date then, as year-month-day?", weight=2,
     work=lambda v, r, weeks: f"{calc(f'{weeks} * 7')} days. {date_work(v, weeks * 7)}The date is {r}.")
step("day_of_year", "calendar", "number", {}, "day_of_year = {v}.timetuple().tm_yday",
     ["Count the days of that year up to and including this day."],
     work=lambda v, r: f"The days are {add_up([*MONTH_DAYS[:v.month - 1], v.day])}.", it="the number of days",
     uses=("datetime",))
