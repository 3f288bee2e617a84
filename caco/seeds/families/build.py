# Writes the world as one program text: world.py, compose.py, raw_seeds.py, all family files in the order of
# their paths, corpus.py, and one call.
#
# The engine does the same, without corpus.py, before it runs the text in its sandbox. From the command line:
#   python3 build.py --call make_seeds --seed 1 --count 100 > program.py     the program, to be run by any Python 3.11
#   python3 build.py --call make_corpus --seed 1 --count 1000 --jsonl        runs it, one JSON record a line
#   python3 build.py --call make_problems --split unseen --count 5 --preview runs it, readable samples

import argparse
import json
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent


def family_files():
    """Returns the family files (one folder an area), sorted by path."""
    return sorted(FOLDER.glob("*/*.py"), key=lambda path: path.relative_to(FOLDER).as_posix())


def world_text():
    """Returns the world's own files, all family files and corpus.py as one text, without a call."""
    own = [FOLDER / name for name in ("world.py", "compose.py", "raw_seeds.py")]
    files = [*own, *family_files(), FOLDER / "corpus.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def call_text(function, arguments):
    """Returns the lines that call `function` and print the result as JSON."""
    return f"\ninput = {json.dumps(arguments)}\noutput = {function}(**input)\nprint(json.dumps(output))\n"


def load_world():
    """Returns the world as a dict of its names."""
    scope = {"__name__": "world"}
    exec(compile(world_text(), "world", "exec"), scope)
    return scope


def preview(record):
    """Prints one record so that it can be read."""
    print("=" * 100)
    for field, value in record.items():
        if isinstance(value, str) and field in ("question", "solution", "program", "text"):
            print(f"-- {field}\n{value}")
        else:
            print(f"{field}: {value}")


def main():
    parser = argparse.ArgumentParser(description="Writes, runs or previews the world of the seed families.")
    parser.add_argument(
        "--call", default="make_problems", choices=["make_problems", "make_seeds", "make_corpus"]
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--start", type=int, default=0)
    parser.add_argument("--count", type=int, default=10)
    parser.add_argument("--split", default="seed", choices=["base", "seed", "seen", "unseen"])
    parser.add_argument("--jsonl", action="store_true", help="run the call, print one JSON record a line")
    parser.add_argument("--preview", action="store_true", help="run the call, print readable samples")
    options = parser.parse_args()
    arguments = {"seed": options.seed, "start": options.start, "count": options.count}
    if options.call == "make_problems":
        arguments["split"] = options.split
    if not options.jsonl and not options.preview:
        print(world_text() + call_text(options.call, arguments), end="")
        return
    for record in load_world()[options.call](**arguments):
        preview(record) if options.preview else print(json.dumps(record))


if __name__ == "__main__":
    main()
