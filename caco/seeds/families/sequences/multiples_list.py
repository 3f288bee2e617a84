# Multiples, and savings that grow weekly.
family("multiples_list", "sequences")

step("multiples_list", "number", "list", {"count": ("num_multiples", (3, 4))},
     "multiples_list = [{v} * i for i in range(1, {count} + 1)]",
     ["List the first {count} multiples of {it}, beginning with {it}."], need="0 < v <= 100",
     work=lambda v, r, count: ", ".join(calc(f"{v} * {i}") for i in range(1, count + 1))
      + f". The list is {r}.", it="the list")
opener("weekly_savings", "money",
       {"first": ("dollars_first_week", (2, 20)), "more": ("more_dollars_each_week", (2, 6)), "weeks":
        ("saving_weeks", (3, 8))},
       ["dollars_last_week = {first} + {more} * ({weeks} - 1)",
        "dollars = ({first} + dollars_last_week) * {weeks} // 2"],
       ["{who} saves {first} dollars in week 1 and {more} dollars more in each next week than in the week "
        "before. This goes on for {weeks} weeks in all."],
       work="The last week brings <<{first} + {more} * ({weeks} - 1)>> dollars.\n"
       "In all <<({first} + {w}) * {weeks} // 2>> dollars.",
       ask="How many dollars does {who} have then?")
