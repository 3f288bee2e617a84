# Cents, inches, degrees.
family("small_units", "dates_and_units")

opener("cents", "number", {"dollars": (2, 15), "extra": ("extra_cents", (5, 95))},
       "cents = {dollars} * 100 + {extra}", ["Turn {dollars} dollars and {extra} cents into cents."],
       work="<<{dollars} * 100 + {extra}>> cents.", it="the number of cents")
opener("feet", "number", {"feet": (2, 20), "extra": ("extra_inches", (2, 11))},
       "inches = {feet} * 12 + {extra}",
       ["Turn {feet} feet and {extra} inches into inches. One foot has 12 inches."],
       work="<<{feet} * 12 + {extra}>> inches.", it="the number of inches")
opener("temperature", "number",
       {"start": ("start_degrees", (2, 20)), "rise": ("degrees_per_hour", (2, 5)), "hours": ("rising_hours",
        (2, 8))}, "temperature = {start} + {rise} * {hours}",
       ["It is {start} degrees warm, and it gets {rise} degrees warmer each hour for {hours} hours. Take "
        "the new temperature."], work="The temperature is <<{start} + {rise} * {hours}>>.")
