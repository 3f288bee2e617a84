# expect: ok 1
input = {"\ud800": 1, "\udfff b": 2}
output = 1
