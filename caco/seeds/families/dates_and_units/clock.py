# Times of day from durations.
family("clock", "dates_and_units")

step("finish_time", "minutes", "clock",
     {"hour": ("start_hour", (6, 11)), "minute": ("start_minute", [10, 15, 20, 25, 30, 35, 40, 45, 50])},
     ["finish = {hour} * 60 + {minute} + {v}", 'clock_time = f"{{finish // 60}}:{{finish % 60:02d}}"'],
     ["{who} starts at {hour}:{minute} on a 24-hour clock and is busy for exactly {it}."],
     need="hour * 60 + minute + v < 1440", weight=2,
     work=lambda v, r, hour, minute:
      f"{calc(f'{hour} * 60 + {minute} + {v}')} minutes. {calc(f'{hour * 60 + minute + v} // 60')} and "
      f"{calc(f'{hour * 60 + minute + v} % 60')}. The time is {r}.",
     ask=["At what time does {who} finish?", "What time is it then?"])
step("start_time", "minutes", "clock",
     {"hour": ("end_hour", (12, 20)), "minute": ("end_minute", [10, 15, 20, 25, 30, 35, 40, 45, 50])},
     ["begin = {hour} * 60 + {minute} - {v}", 'begin_time = f"{{begin // 60}}:{{begin % 60:02d}}"'],
     ["{who} finishes at {hour}:{minute} on a 24-hour clock and was busy for exactly {it}."],
     need="hour * 60 + minute > v + 60",
     work=lambda v, r, hour, minute:
      f"{calc(f'{hour} * 60 + {minute} - {v}')} minutes. {calc(f'{hour * 60 + minute - v} // 60')} and "
      f"{calc(f'{hour * 60 + minute - v} % 60')}. The time is {r}.", ask="At what time did {who} start?")
