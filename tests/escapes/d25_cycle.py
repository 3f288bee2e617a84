# expect: unserializable
output = []
output.append({"again": output})
