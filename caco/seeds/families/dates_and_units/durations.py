# Hours and minutes as minutes.
family("durations", "dates_and_units")

opener("duration", "minutes",
       {"hours": (2, 6), "extra": ("extra_minutes", [5, 10, 15, 20, 25, 30, 35, 40, 45, 50])},
       "minutes = {hours} * 60 + {extra}", weight=2, it="this time",
       says=["{who} works for {hours} hours and {extra} minutes.",
        "A film lasts {hours} hours and {extra} minutes, and {who} sees all of it."],
       work="<<{hours} * 60 + {extra}>> minutes.", ask="How many minutes is this?")
opener("lessons", "minutes",
       {"lessons": (2, 8), "length": ("minutes_per_lesson", [20, 25, 30, 35, 40, 45, 50])},
       "minutes = {lessons} * {length}", ["{who} has {lessons} lessons of {length} minutes each."],
       work="<<{lessons} * {length}>> minutes.", it="this time", ask="How many minutes is this?")
step("pause", "minutes", "minutes", {"pause": ("minutes_of_rest", (5, 40))},
     "minutes_with_rest = {v} + {pause}",
     ["After that, {who} rests for {pause} minutes.", "Then {who} takes a rest of {pause} minutes."],
     work="With the rest, <<{v} + {pause}>> minutes.", ask="How many minutes is this with the rest?",
     it="the time with the rest")
