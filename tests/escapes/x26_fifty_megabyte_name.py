# expect: error_raised
error = type("A" * 5_000_000, (Exception,), {})
raise error("no")
