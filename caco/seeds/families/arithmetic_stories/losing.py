# Things get lost.
family("losing", "arithmetic_stories")

step("lose", "count", "count", {"lost": (2, 12)}, "{noun}_not_lost = {v} - {lost}",
     ["{who} loses {lost} of the {noun}.", "Then {lost} of the {noun} get lost."],
     work="Not lost: <<{v} - {lost}>> {noun}.", ask="How many {noun} does {who} still have?")
