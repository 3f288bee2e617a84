# Codes with and without repeated letters.
family("codes", "counting_and_probability")

opener("codes", "number", {"symbols": (2, 9), "places": (2, 3)}, "codes = {symbols} ** {places}",
       ["A code has {places} places, and each place holds one of {symbols} letters. Letters may repeat. "
        "Count the possible codes."], work="The number of codes is <<{symbols} ** {places}>>.",
       it="the number of codes")
opener("codes_no_repeat", "number", {"symbols": ("letters", (3, 15))},
       "letter_pairs = {symbols} * ({symbols} - 1)",
       ["A code is made of 2 different letters in order, chosen from {symbols} letters. Count the "
        "possible codes."], work="The number of codes is <<{symbols} * ({symbols} - 1)>>.",
       it="the number of codes")
