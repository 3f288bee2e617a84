# A price with percent off.
family("discount", "rates_and_percentages")

opener("discount", "money",
       {"price": ("full_price", (20, 200)), "percent": ("percent_off", [5, 10, 20, 25, 30, 50])},
       ["discount = {price} * {percent} // 100", "dollars = {price} - discount"],
       ["{who} sells a bike that costs {price} dollars at {percent} percent off. The discount is rounded "
        "down to whole dollars."],
       work=lambda v, r, price, percent: f"The discount is {calc(f'{price} * {percent} // 100')}.\n"
        f"{calc(f'{price} - {price - r}')} dollars.", ask="How many dollars does {who} get?")
