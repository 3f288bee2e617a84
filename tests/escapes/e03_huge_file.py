# expect: error_raised
import os
with open("large", "wb") as file:
    file.truncate(1 << 50)
    while True:
        file.write(bytes(1 << 20))
