# Machines working together.
family("machines", "rates_and_percentages")

opener("machines", "count",
       {"machines": (2, 8), "rate": ("{noun}_per_machine_per_hour", (2, 8)), "hours": ("machine_hours", (2,
        8))}, ["{noun}_per_hour = {machines} * {rate}", "{noun} = {noun}_per_hour * {hours}"],
       ["{machines} machines of {who} make {rate} {noun} each per hour. They run for {hours} hours.",
        "{who} runs {machines} machines for {hours} hours. Each machine makes {rate} {noun} per hour."],
       work="<<{machines} * {rate}>> per hour.\n<<{w} * {hours}>> {noun}.",
       ask="How many {noun} does {who} have?")
