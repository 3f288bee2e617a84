# Checks the world: every program runs and prints its answer, every calculator form is exact, every input stands
# in the question, and the splits are apart.
#
#   python3 check.py [--count 2000] [--seed 7]     exit 1 on any violation; prints a table of what was measured

import argparse
import contextlib
import io
import json
import re
import sys
import time

import build

SPLITS = ("base", "seed", "seen", "unseen")


def run_program(text):
    """Returns what the program prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(text, "program", "exec"), {"__name__": "program"})
    return printed.getvalue().rstrip("\n")


def stated(value, question):
    """Returns whether an input value stands literally in the question."""
    if isinstance(value, (list, str)):
        return str(value) in question
    return re.search(rf"(?<!\d){value}(?!\d)", question) is not None


def faults_of(problem, nouns):
    """Returns what is wrong with one problem, as a list of words."""
    faults = []
    try:
        if run_program(problem["program"]) != problem["answer"]:
            faults.append("answer")
    except Exception as error:
        faults.append(f"error {error!r}")
    if not problem["solution"].endswith("\n#### " + problem["answer"]):
        faults.append("last line")
    for expression, result in re.findall(r"<<([^=<>]+)=([^<>]+)>>", problem["solution"]):
        if str(eval(expression)) != result or f">>{result}" not in problem["solution"]:
            faults.append(f"calculator {expression}")
    given = json.loads(re.search(r"(?m)^input = (.*)$", problem["program"]).group(1))
    faults.extend(
        f"input {value} not stated" for value in given.values() if not stated(value, problem["question"])
    )
    body = problem["program"].split("\ninput = ")[0]
    faults.extend(f"input {name} unused" for name in given if len(re.findall(rf"\b{name}\b", body)) < 2)
    lines = [
        line
        for line in problem["program"].split("\n")
        if line.strip() and not line.startswith(("import", "#"))
    ]
    if len(lines) < 6:
        faults.append("fewer than 6 effective lines")
    if re.search(r"[{}]|None", problem["question"] + problem["solution"]):
        faults.append("text left open")
    if re.search(
        rf"\b1 (?:more |new |red |blue )?(?:{'|'.join(nouns)})\b", problem["question"] + problem["solution"]
    ):
        faults.append("singular with a plural noun")
    return faults


def check_split(world, split, seed, count, totals):
    problems = world["make_problems"](seed, 0, count, split)
    faults = 0
    for problem in problems:
        found = faults_of(problem, world["plural_nouns"]())
        faults += bool(found)
        if found and faults <= 5:
            print(
                f"{split}: {problem['structure']}: {'; '.join(found)}\n{problem['question']}\n"
                f"{problem['solution']}\n{problem['program']}\n"
            )
        totals["steps"][split].update(problem["structure"].split(">"))
        totals["families"].update(problem["families"])
        texts = re.sub(r'"\w+"', "", problem["question"] + " " + problem["solution"])
        totals["words"].update(re.findall(r"[A-Za-z]+", texts))
    mean = {
        part: sum(len(problem[part]) for problem in problems) / count
        for part in ("program", "question", "solution")
    }
    structures = {problem["structure"] for problem in problems}
    print(
        f"{split:8} {count:7} problems {faults:4} faults {len(structures):7} structures   mean characters: "
        + "  ".join(f"{part} {size:.0f}" for part, size in mean.items())
    )
    totals["structures"][split] = structures
    return faults


def check_splits(world, totals):
    """Returns the number of faults in how the splits relate."""
    faults = 0
    for structure in totals["structures"]["unseen"]:
        faults += structure in totals["structures"]["base"] or structure in totals["structures"]["seed"]
    for split in SPLITS:
        missing = sorted(set(world["STEPS"]) - totals["steps"][split])
        if missing:
            print(f"{split}: steps never drawn: {', '.join(missing)}")
    unused = sorted(set(world["FAMILIES"]) - totals["families"])
    if unused:
        print(f"families never drawn: {', '.join(unused)}")
    return faults + len(unused)


def compiles(text):
    """Returns whether the text is a Python program, printing it where it is."""
    try:
        compile(text, "program", "exec")
    except SyntaxError:
        return False
    print(f"no syntax error:\n{text}\n")
    return True


def check_seeds(world, seed, count):
    """Returns the number of seeds whose program, unless spoilt on purpose, does not do what it says."""
    faults, flaws, forms = 0, {}, {}
    for record in world["make_seeds"](seed, 0, count):
        flaws[record["flaw"]] = flaws.get(record["flaw"], 0) + 1
        forms[record["form"]] = forms.get(record["form"], 0) + 1
        if record["flaw"] == "syntax_error":
            faults += compiles(record["program"])
        if record["flaw"] or "program" not in record:
            continue
        try:
            printed = run_program(record["program"])
            if record["form"] == "script" and printed != record["answer"]:
                raise AssertionError(printed)
        except Exception as error:
            faults += 1
            print(f"seed {record['id']} ({record['structure']}): {error!r}\n{record['program']}\n")
    print(f"seeds    {count:7} records  {faults:4} faults; forms {forms}; flaws {flaws}")
    return faults


def check_corpus(world, seed, count):
    """Returns the number of documents that are not made of closed blocks; prints the speed."""
    begin = time.perf_counter()
    documents = world["make_corpus"](seed, 0, count)
    seconds = time.perf_counter() - begin
    shape = re.compile(r"(?:<\|im_start\|>(?:program|output|question|solution)\n[^|]+<\|im_end\|>\n){1,3}")
    faults = sum(not shape.fullmatch(document["text"]) for document in documents)
    print(
        f"corpus   {count:7} documents {faults:3} faults; {count / seconds:.0f} documents/s; "
        f"mean characters {sum(len(document['text']) for document in documents) / count:.0f}"
    )
    return faults


def main():
    parser = argparse.ArgumentParser(description="Checks the world of the seed families.")
    parser.add_argument("--count", type=int, default=2000, help="problems of each split")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    world = build.load_world()
    totals = {
        "steps": {split: set() for split in SPLITS},
        "families": set(),
        "words": set(),
        "structures": {},
    }
    faults = sum(check_split(world, split, options.seed, options.count, totals) for split in SPLITS)
    faults += check_splits(world, totals)
    faults += check_seeds(world, options.seed, options.count)
    faults += check_corpus(world, options.seed, options.count)
    print(
        f"{len(world['AREAS'])} areas, {len(world['FAMILIES'])} families, {len(world['STEPS'])} steps, "
        f"{len(world['DRILLS'])} drills, "
        f"{len(totals['words'])} distinct words (strings apart); {faults} faults"
    )
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
