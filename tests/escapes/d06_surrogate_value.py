# expect: ok '\ud800'
output = "\ud800"
