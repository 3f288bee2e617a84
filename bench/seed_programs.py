"""Writes programs of seed files as .py files, for benchmarks that run a realistic mix (CACO_BENCH_MIX).

usage: seed_programs.py SEED_FOLDER OUTPUT_FOLDER [COUNT]
"""
import glob
import gzip
import json
import os
import sys


def programs_of(path):
    """Yields the programs of a seed file in JSON Lines."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            for key in ("code", "program", "solution"):
                if isinstance(row.get(key), str) and "\n" in row[key] and "def " in row[key]:
                    yield row[key]
                    break


def main():
    folder, output = sys.argv[1], sys.argv[2]
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    os.makedirs(output, exist_ok=True)
    sources = [programs_of(path) for path in sorted(glob.glob(os.path.join(folder, "*.jsonl.gz")))]
    number = 0
    while sources and number < count:  # in turn, so that every source has its share
        for source in list(sources):
            program = next(source, None)
            if program is None:
                sources.remove(source)
            elif number < count:
                with open(os.path.join(output, f"{number:05d}.py"), "w", encoding="utf-8") as file:
                    file.write(program + "\n")
                number += 1
    print(number, "programs")


if __name__ == "__main__":
    main()
