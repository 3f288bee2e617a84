# The raw forms that seeds come in, as real ones do: a worked solution only, a plain script, a function with a test; some of them spoilt on
# purpose. Joined behind world.py (build.py), like the family files.


def make_seeds(seed, start, count):
    """Returns raw seed records start..start+count-1 (split "seed"), in the forms that real data sets have."""
    return [make_seed(seed, index) for index in range(start, start + count)]


def make_seed(seed, index):
    structure, parts = draw_parts("seed", seed, index)
    draws = Draws(f"{WORLD_VERSION}/form/{seed}/{index}")
    chosen = draws.below(100)
    form = "solution" if chosen < 30 else "script" if chosen < 65 else "function"
    record = {"id": f"seed-{seed}-{index}", "question": parts["question"], "source": "families",
              "area": STEPS[structure[0]].area, "structure": ">".join(structure), "form": form,
              "answer": parts["answer"],
              "flaw": None}
    flaw = ""
    if draws.chance(8):
        flaw = draws.pick({"solution": ["wrong_answer", "cut_solution"],
                           "script": ["wrong_answer", "wrong_operator", "syntax_error"],
                           "function": ["wrong_operator", "syntax_error", "wrong_test"]}[form])
    if form == "solution" or draws.chance(70):
        record["solution"] = parts["solution"]
    if form != "solution":
        record["program"] = script_form(parts) if form == "script" else function_form(parts)
    if flaw and spoil(record, flaw, draws):
        record["flaw"] = flaw
    return record


def script_form(parts):
    imports = [f"import {module}" for module in parts["uses"]]
    given = [f"{name} = {json.dumps(value)}" for name, value in parts["inputs"].items()]
    return "\n".join(imports + given + [parts["lines"], f"print({parts['variable']})"])


def function_form(parts):
    body = "\n".join("    " + line for line in parts["lines"].split("\n"))
    imports = "".join(f"import {module}\n" for module in parts["uses"])
    name = ("count_" if parts["kind"] == "count" else "find_") + parts["variable"]
    given = ", ".join(json.dumps(value) for value in parts["inputs"].values())
    value = parts["answer"]
    expected = value if re.fullmatch(r"-?\d+|\[.*\]", value) and parts["kind"] != "word" else json.dumps(value)
    return (f"{imports}{chr(10) if imports else ''}def {name}({', '.join(parts['inputs'])}):\n{body}\n"
            f"    return {parts['variable']}\n\nassert {name}({given}) == {expected}")


def other_answer(answer, draws):
    if re.fullmatch(r"-?\d+", answer):
        return str(int(answer) + draws.pick([-10, -2, -1, 1, 2, 10]))
    if answer in ("yes", "no"):
        return "no" if answer == "yes" else "yes"
    return answer[::-1] if answer[::-1] != answer and answer[0] != "[" else "0"


def spoil(record, flaw, draws):
    """Makes the record wrong in the named way; returns whether it could."""
    if flaw == "wrong_answer":
        record["answer"] = other_answer(record["answer"], draws)
    elif flaw == "cut_solution":
        record["solution"] = record["solution"].split("####")[0][:len(record["solution"]) * 2 // 3]
    elif flaw == "syntax_error":
        record["program"] = record["program"].replace(")", "", 1)
    elif flaw == "wrong_test":
        record["program"] = record["program"].rsplit(" == ", 1)[0] + " == " + json.dumps(-1)
    else:
        for right, wrong in ((" - ", " + "), (" + ", " - "), (" * ", " + "), (" // ", " * "), (" % ", " + ")):
            if right in record["program"] and "while " not in record["program"]:  # a spoiled loop may never end
                record["program"] = record["program"].replace(right, wrong, 1)
                return wrong_operator_shows(record)
        return False
    return True


def wrong_operator_shows(record):
    """Returns whether the spoiled program now disagrees with the gold answer or fails its own test."""
    printed = []
    try:
        exec(record["program"], {"print": lambda value: printed.append(str(value))})
    except Exception:
        return True
    return bool(printed) and printed[0] != record["answer"]
