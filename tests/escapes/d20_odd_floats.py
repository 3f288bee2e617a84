# expect: ok [nan, inf, -inf, -0.0, 5e-324, 1.7976931348623157e+308]
output = [float("nan"), float("inf"), -float("inf"), -0.0, 5e-324, 1.7976931348623157e308]
