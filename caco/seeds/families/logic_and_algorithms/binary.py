# Numbers in base 2.
family("binary", "logic_and_algorithms")

step("binary_ones", "number", "number", {}, 'ones = bin({v}).count("1")',
     ["Write {it} in base 2 and count the ones."], need="3 < v <= 31",
     work=lambda v, r: binary_work(v) + f" The count of ones is {r}.", it="the number of ones")
step("binary_length", "number", "number", {}, "bits = len(bin({v})) - 2",
     ["Write {it} in base 2 and count all its digits."], need="3 < v <= 31",
     work=lambda v, r: binary_work(v) + f" The count of digits is {r}.", it="the number of digits")


def binary_work(value):
    parts, digits = [], ""
    while value:
        parts.append(f"{calc(f'{value} % 2')}, {calc(f'{value} // 2')}")
        digits, value = str(value % 2) + digits, value // 2
    return ", ".join(parts) + f". In base 2: {digits}."
