# Rows that grow, numbers that double.
family("rows", "sequences")

opener("rows", "count",
       {"first": ("{noun}_in_first_row", (2, 12)), "more": ("more_{noun}_per_row", (2, 5)), "rows": (3, 8)},
       ["{noun}_in_last_row = {first} + {more} * ({rows} - 1)",
        "{noun} = ({first} + {noun}_in_last_row) * {rows} // 2"],
       ["{who} puts {first} {noun} in the first row and {more} more in each next row than in the row "
        "before. There are {rows} rows."],
       work="The last row has <<{first} + {more} * ({rows} - 1)>>.\nIn all <<({first} + {w}) * {rows} // 2>> {noun}.",
       ask="How many {noun} does {who} have in all?")
opener("doubling", "count", {"start": ("{noun}_on_first_day", (2, 9)), "days": ("doubling_days", (2, 6))},
       "{noun} = {start} * 2 ** {days}",
       ["{who} has {start} {noun}, and the number of {noun} doubles each day for {days} days."],
       work="<<{start} * 2 ** {days}>> {noun}.", ask="How many {noun} does {who} have then?")
