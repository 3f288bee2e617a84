# expect: nondeterministic
output = list({"apple", "pear", "fig", "plum", "lime", "cherry", "quince"})
