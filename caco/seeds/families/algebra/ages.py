# Ages of two people, then years pass.
family("ages", "algebra")

opener("ages", "age", {"age": ("child_age", (3, 12)), "times": ("times_as_old", (2, 4))},
       "parent_age = {age} * {times}",
       ["{friend} is {age} years old. {who} is {times} times as old as {friend}."],
       work="The age is <<{age} * {times}>> years.", ask="How old is {who}?")
opener("older", "age", {"age": ("friend_age", (4, 30)), "older": ("years_older", (2, 20))},
       "own_age = {age} + {older}",
       ["{friend} is {age} years old, and {who} is {older} years older than {friend}."],
       work="The age is <<{age} + {older}>> years.", ask="How old is {who}?")
opener("birth", "age", {"parent": ("age_at_birth", (20, 35)), "child": ("child_years", (3, 20))},
       "parent_years = {parent} + {child}",
       ["{who} was {parent} years old when {friend} was born. {friend} is now {child} years old. Think of "
        "the age of {who}."], work="The age is <<{parent} + {child}>> years.", ask="How old is {who}?")
step("times_age", "age", "age", {"times": ("times_the_age", (2, 4))}, "older_age = {v} * {times}",
     ["Compared with {who} at that time, {third} is {times} times as old."],
     work="The other age is <<{v} * {times}>> years.", need="v < 25", ask="How old is {third} at that time?",
     sets={"who": "{third}", "third": "{friend}", "friend": "{who}"})
step("years_later", "age", "age", {"years": ("years_later", (2, 12))}, "age_later = {v} + {years}",
     ["Now {years} years pass.", "Think of {who} {years} years later."],
     work="{years} years later, the age is <<{v} + {years}>> years.", ask="How old is {who} then?")
step("younger", "age", "age", {"years": ("years_younger", (2, 10))}, "younger_age = {v} - {years}",
     ["Compared with {who} at that time, {third} is {years} years younger."], need="r > 1",
     work="The other age is <<{v} - {years}>> years.", ask="How old is {third} at that time?",
     sets={"who": "{third}", "third": "{friend}", "friend": "{who}"})
step("age_in_months", "age", "number", {}, "months_old = {v} * 12", ["Turn this age into months."],
     work="<<{v} * 12>> months.", it="the number of months")
