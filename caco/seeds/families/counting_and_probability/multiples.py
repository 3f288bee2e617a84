# How many multiples lie in a range.
family("multiples", "counting_and_probability")

opener("multiples_to", "number", {"top": ("last_number", (30, 200)), "k": ("multiple", (3, 12))},
       "multiples = {top} // {k}",
       ["Count the multiples of {k} from 1 to {top}.",
        "Count the numbers from 1 to {top} that are divisible by {k}."],
       work="The count is <<{top} // {k}>>.", it="the count")
opener("multiples_between", "number",
       {"low": ("from_number", (10, 50)), "top": ("to_number", (60, 200)), "k": ("multiple", (3, 9))},
       ["below = ({low} - 1) // {k}", "multiples = {top} // {k} - below"],
       ["Count the multiples of {k} from {low} to {top}, both ends included."],
       work="Below {low}: <<({low} - 1) // {k}>>.\nThe count is <<{top} // {k} - {w}>>.", it="the count")
