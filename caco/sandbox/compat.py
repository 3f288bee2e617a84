# Runs a program as the released checker of the Caco paper does (its `extract_io.py` and `filter.py`), quirks included, so
# that counts published for it can be compared. What differs from our own rules:
#   - the program runs in an empty dict, so `__name__` is "builtins" and code under `if __name__ == "__main__":` never runs;
#   - fewer than 6 lines that are not blank, do not start with "#" and do not start with "import": "Code is too short";
#   - every key of `input` must be an identifier somewhere in the program, for whatever purpose; `input` may be any
#     iterable, and without one the check itself fails with a TypeError;
#   - without `output`, what was printed through sys.stdout is the output;
#   - a bare int of more than 10,000 digits is dropped; one inside a list is not;
#   - keys become str (the last of equal ones wins), tuples become lists, other types become str(value);
#   - a value that cannot be pickled is an error; sys.exit() leaves no result at all;
#   - rows whose input or output is None or "" are left out afterwards: `no_output` here.
# Values are the text of the JSON that the checker writes, with its bare NaN. Methods of the program's own classes are
# called, as there; time and memory limits hold, and the value is the program's own.

import ast
import io
import json
import pickle
import sys

import caco_encode as encoder

MIN_LINES = 6
MAX_DIGITS = 10_000
SHOWN_CHARACTERS = 4096  # of what was printed; all of it is captured

quote = encoder.quote_text


def is_too_short(text):
    lines = (line.strip() for line in text.split("\n"))
    return sum(1 for line in lines if line and not line.startswith(("#", "import"))) < MIN_LINES


def unused_inputs(text, given):
    names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
    return [key for key in given if key not in names]


def plain(value):
    """Returns what the checker stores of a value."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return str(value)


def is_missing(value):
    return value is None or (isinstance(value, str) and value == "")


def failure(kind, message):
    return f'{{"status":"error","type":{quote(kind[:200])},"message":{quote(message[:500])},"line":0}}'


def result(given, output, value_limit):
    texts = {}
    for name, value in (("input", given), ("output", output)):
        pickle.dumps(value)
        texts[name] = json.dumps(plain(value), default=str)
        if len(texts[name]) > value_limit:
            return f'{{"status":"too_large","message":"{name} is above the size limit"}}'
    inputs = []
    if isinstance(given, dict):
        inputs = [f"[{quote(str(key))},{quote(json.dumps(plain(value), default=str))}]" for key, value in given.items()]
    head = f'"inputs":[{",".join(inputs)}],"input":{{"json":{quote(texts["input"])}}}'
    if is_missing(plain(given)) or is_missing(plain(output)):
        return f'{{"status":"no_output",{head}}}'
    return f'{{"status":"ok",{head},"output":{{"json":{quote(texts["output"])}}},"repr":{quote(texts["output"])}}}'


def judge(text, scope, printed, value_limit):
    unused = unused_inputs(text, scope.get("input"))
    if unused:
        return failure("", "Unused input parameters: " + ", ".join(unused))
    output = scope["output"] if "output" in scope else printed
    if isinstance(output, int) and not isinstance(output, bool) and len(str(output)) > MAX_DIGITS:
        return failure("", "the output has too many digits")
    return result(scope.get("input"), output, value_limit)


def run(text, code, scope, silence, value_limit):
    """Returns the JSON of a result (child.py)."""
    if is_too_short(text):
        return failure("", "Code is too short")
    stdout, captured = sys.stdout, io.StringIO()
    sys.stdout = captured
    try:
        try:
            exec(code, scope)
        finally:
            silence()
        return judge(text, scope, captured.getvalue(), value_limit)
    except MemoryError:
        return '{"status":"memory","type":"MemoryError","message":"","line":0}'
    except Exception as error:
        return failure(encoder.type_name(type(error)), encoder.plain_message(error))
    except BaseException as error:
        return f'{{"status":"exited","type":{quote(encoder.type_name(type(error)))},"message":"","line":0}}'
    finally:
        sys.stdout = stdout
        try:
            io.TextIOWrapper.write(stdout, captured.getvalue()[:SHOWN_CHARACTERS])
        except BaseException:
            pass
