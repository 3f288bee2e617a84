# expect: error_raised,memory_limit
text = "{0}" * 20
for _ in range(20):
    text = text.format(text)
output = len(text)
