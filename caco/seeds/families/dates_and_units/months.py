# Months numbered 1 to 12.
family("months", "dates_and_units")

opener("month", "month", {"month": (1, 12)}, "",
       ["The months are numbered 1 to 12. It is month {month}.",
        "It is month {month} of the 12 months of a year."], ask="Which month is it?", it="the month")
opener("months_over", "month", {"over": ("months_over", (2, 11))}, "month = {over} + 1",
       ["The months are numbered 1 to 12. Exactly {over} months of this year are over, and the next month "
        "begins."], work="The month is <<{over} + 1>>.", it="the month")
step("months_later", "month", "month", {"later": ("months_later", (2, 40))},
     "later_month = ({v} - 1 + {later}) % 12 + 1",
     ["Go {later} months forward.", "Then {later} months pass."],
     work="The month is <<({v} - 1 + {later}) % 12 + 1>>.", ask="What is the number of the month then?",
     it="the month")
step("months_earlier", "month", "month", {"back": ("months_earlier", (2, 11))},
     "earlier_month = ({v} - 1 - {back}) % 12 + 1", ["Go {back} months back."],
     work="The month is <<({v} - 1 - {back}) % 12 + 1>>.", ask="What is the number of the month then?",
     it="the month")
step("quarter", "month", "number", {}, "quarter = ({v} + 2) // 3",
     ["Take the quarter (1 to 4) of the year in which this month lies."],
     work="The quarter is <<({v} + 2) // 3>>.", it="the number of the quarter")
step("second_half", "month", "yesno", {}, 'second_half = "yes" if {v} > 6 else "no"',
     ["Check if this month is in the second half of the year."],
     work=lambda v, r: f"{v} is {'greater' if v > 6 else 'not greater'} than 6: {r}.",
     ask="Is it, yes or no?", final="Is this month in the second half of the year, yes or no?")
