"""Side by side on the same labelled pairs: our comparison of answers and Math-Verify.

    pip install math-verify[antlr4_13_2]
    python3 bench/answer_peer.py --caco build/bin/caco [--suite tests/answers/suite] [--rewrites REWRITES.jsonl.gz] [--limit N]

Prints one table a set: how many verdicts are right, equal pairs missed, wrong pairs accepted, pairs per second of processor time.
A label is `equal` or not: `different`, `unknown` and `not_equal` all mean "must not be accepted", since the peer knows two verdicts.
Rows of the form `hostile` are left out, where the peer may hang. The peer gets every bare answer as mathematics between dollar signs,
and without them when that gives it nothing; worked solutions as they are. A pair that takes it more than ten seconds or raises counts
as not accepted. With --verdicts FILE what the peer decided on each row is kept.
"""

import argparse
import gzip
import json
import logging
import pathlib
import resource
import signal
import subprocess
import time

SECONDS_A_PAIR = 10


class OverTime(BaseException):
    pass


def read_rows(path):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            is_equal = row["expect"] == "equal" if "expect" in row else bool(row["expected"])
            yield {"id": row["id"], "gold": row["gold"], "pred": row["pred"], "mode": row.get("mode", "bare"),
                   "form": row.get("form", path.stem), "is_equal": is_equal}


def grade_with_caco(program, rows):
    """Returns one acceptance a row and the seconds of processor time."""
    lines = "".join(json.dumps({key: row[key] for key in ("id", "gold", "pred", "mode")}) + "\n" for row in rows)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([program, "grade", "--jsonl", "-"], input=lines, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [json.loads(line)["equal"] is True for line in done.stdout.splitlines()], seconds


def grade_with_peer(rows):
    from math_verify import parse, verify

    logging.disable(logging.CRITICAL)

    def read(text, is_solution):
        if is_solution:
            return parse(text, parsing_timeout=None)
        has_dollars = "$" in text and not text.startswith("\\$")
        return parse(text if has_dollars else f"${text}$", parsing_timeout=None) or parse(text, parsing_timeout=None)

    def stop(*_):
        raise OverTime

    signal.signal(signal.SIGALRM, stop)
    accepted = []
    start = time.process_time()
    for row in rows:
        signal.setitimer(signal.ITIMER_REAL, SECONDS_A_PAIR)
        try:
            gold = read(row["gold"], is_solution=False)
            predicted = read(row["pred"], row["mode"] == "extract")
            accepted.append(bool(verify(gold, predicted, timeout_seconds=None)))
        except (OverTime, Exception):
            accepted.append(False)
        signal.setitimer(signal.ITIMER_REAL, 0)
    return accepted, time.process_time() - start


def print_line(name, rows, accepted, seconds):
    num_equal = sum(row["is_equal"] for row in rows)
    missed = sum(row["is_equal"] and not found for row, found in zip(rows, accepted))
    wrong = sum(found and not row["is_equal"] for row, found in zip(rows, accepted))
    share = 100 * (1 - (missed + wrong) / len(rows))
    print(f"| {name} | {share:.2f} % | {missed} of {num_equal} | {wrong} of {len(rows) - num_equal} | {len(rows) / seconds:,.0f} |",
          flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--caco", default="build/bin/caco")
    arguments.add_argument("--suite", type=pathlib.Path)
    arguments.add_argument("--rewrites", type=pathlib.Path)
    arguments.add_argument("--limit", type=int, help="only the first N rows of each set")
    arguments.add_argument("--verdicts", type=pathlib.Path)
    arguments = arguments.parse_args()
    sets = {}
    if arguments.suite:
        files = sorted(arguments.suite.glob("*.jsonl"))
        sets["labelled suite"] = [row for file in files for row in read_rows(file) if row["form"] != "hostile"]
    if arguments.rewrites:
        sets["rewrites"] = list(read_rows(arguments.rewrites))
    verdicts = arguments.verdicts.open("w", encoding="utf-8") if arguments.verdicts else None
    for name, rows in sets.items():
        rows = rows[: arguments.limit]
        print(f"\n{name}: {len(rows)} pairs\n\n| grader | right | equal pairs missed | wrong pairs accepted | pairs/s |")
        print("|---|---:|---:|---:|---:|")
        print_line("caco", rows, *grade_with_caco(arguments.caco, rows))
        accepted, seconds = grade_with_peer(rows)
        print_line("Math-Verify", rows, accepted, seconds)
        for row, found in zip(rows, accepted):
            if verdicts:
                verdicts.write(json.dumps({"id": row["id"], "set": name, "equal": found}) + "\n")


if __name__ == "__main__":
    main()
