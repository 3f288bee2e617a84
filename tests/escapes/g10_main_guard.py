# expect: ok 5
if __name__ == "__main__":
    output = 5
