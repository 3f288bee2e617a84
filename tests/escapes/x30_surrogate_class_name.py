# expect: error_raised
raise type("\ud800", (Exception,), {})("no")
