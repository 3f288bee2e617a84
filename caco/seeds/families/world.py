# The composition library of the seed families: it turns steps into problems, raw seeds and pre-training
# documents.
#
# A problem is a chain of one opener and one to three steps. A step takes a state of one kind (a count of
# muffins, money, a plain number, a list, a word, ...) and gives a state of some kind; it brings its own
# inputs, its program lines, several wordings and its worked step. Family files register openers and steps
# with the functions below. They are not imported: this file, all family files in the order of their paths
# and one call make ONE program text (build.py), which runs where no file can be read. For that reason this
# file imports little and has its own random numbers, the same on every Python.
#
# Templates. Program lines, names, wordings and worked steps are str.format templates over the same fields.
# In program lines {v} is the name of the incoming variable and {sold} the name of the input `sold`; in
# texts they are the values. {r} is the value of the new state, {w} that of the first line of several, {it}
# words for the incoming state, {new} words for the new one. `<<{v} - {sold}>>` in a worked step becomes
# `24 - 5 = <<24-5=19>>19`, the calculator form. See README.md beside this file.

import datetime
import json
import math
import re

WORLD_VERSION = "2"
SPLIT_SALT = "17:"  # chosen so that every step occurs in structures of every split
MASK = (1 << 64) - 1

# Lexicon. A small vocabulary on purpose: the reader is a very small model.
NAMES = ["Mia", "Leo", "Ava", "Ben", "Zoe", "Sam", "Ana", "Max", "Lily", "Omar", "Nina", "Tom"]
THINGS = [  # noun, singular, containers, container, preposition
    ("muffins", "muffin", "trays", "tray", "on"), ("apples", "apple", "baskets", "basket", "in"),
    ("books", "book", "shelves", "shelf", "on"), ("eggs", "egg", "cartons", "carton", "in"),
    ("pencils", "pencil", "cups", "cup", "in"), ("cookies", "cookie", "jars", "jar", "in"),
    ("stickers", "sticker", "sheets", "sheet", "on"), ("marbles", "marble", "bags", "bag", "in"),
    ("roses", "rose", "vases", "vase", "in"), ("stamps", "stamp", "pages", "page", "on"),
    ("shells", "shell", "buckets", "bucket", "in"), ("toys", "toy", "chests", "chest", "in"),
    ("bottles", "bottle", "racks", "rack", "on"), ("buttons", "button", "tins", "tin", "in"),
    ("beads", "bead", "strings", "string", "on"), ("coins", "coin", "piles", "pile", "in"),
]
ITEMS = [("pens", "pen"), ("kites", "kite"), ("hats", "hat"), ("balls", "ball"), ("lamps", "lamp"), ("mugs", "mug")]
WORDS = ("apple bread chair cloud dance eagle flower garden house island jacket kitten lemon market needle orange paper "
         "queen river silver table uncle violin water yellow zebra banana letter summer winter bottle candle dinner energy "
         "finger guitar hammer insect jungle ladder mirror number office pencil rabbit school ticket window animal basket "
         "camera desert forest honey kayak level radar civic noon stone tiger train bridge carpet coffee spoon plant").split()
COMMANDS = "Add Check Compare Count Find Go Keep Make Move Multiply Remove Replace Reverse Sort Swap Take Turn Write".split()
WEEK = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

# Which values a state of a kind may have in problems made here. Counts start at 2, so that plural nouns are right.
BOUNDS = {"count": (2, 999), "money": (2, 999), "number": (0, 2500), "minutes": (2, 900), "meters": (2, 600),
          "area": (2, 2500), "km": (2, 999), "liters": (2, 600), "grams": (2, 9000), "days": (2, 400), "age": (2, 95),
          "degrees": (2, 359), "volume": (2, 5000)}
UNFINISHED_KINDS = {"calendar"}  # states that are no answers (an answer is a number, a text or a list)

# How often openers of an area are drawn (2 where not named): more where the steps are spread over many kinds of state.
AREA_WEIGHTS = {"dates_and_units": 5, "lists_and_strings": 3, "geometry": 3}

AREAS = {}         # area -> its openers
STEPS_BY_KIND = {}  # kind -> the steps that take it
STEPS = {}         # id -> step
FAMILIES = {}      # family -> area
DRILLS = []
CODE = {}          # source text -> compiled code
CURRENT = ["", ""]
BASE_SCOPE = {"math": math, "datetime": datetime}


# ---- random numbers: splitmix64 (Steele, Lea, Flood 2014), seeded by FNV-1a of a text ----

def hash_text(text):
    """Returns the 64-bit FNV-1a hash of `text`; stable over machines and versions."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


class Draws:
    """A stream of random draws that is a pure function of the text it was made from."""

    def __init__(self, text):
        self.state = hash_text(text)

    def below(self, n):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return ((z ^ (z >> 31)) >> 11) % n

    def between(self, low, high):
        return low + self.below(high - low + 1)

    def pick(self, items):
        return items[self.below(len(items))]

    def chance(self, percent):
        return self.below(100) < percent

    def shuffle(self, items):
        items = list(items)
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
        return items

    def value(self, spec):
        if callable(spec):
            return spec(self)
        if isinstance(spec, tuple):
            return self.between(spec[0], spec[1])
        return self.pick(spec)


# ---- what family files call ----

class Step:
    """One opener (takes None) or step; see `step` for the fields."""

    def __init__(self, **fields):
        self.__dict__.update(fields)


def family(name, area):
    """Begins a family: openers and steps that follow belong to it."""
    FAMILIES[name] = area
    CURRENT[0], CURRENT[1] = name, area
    AREAS.setdefault(area, [])


def step(name, takes, gives, inputs, lines, says, work=None, ask=None, final=(), need="", it="", sets=None, uses=(),
         weight=1, variable=""):
    """Registers a step.

    Parameters
    ----------
    name : id, unique in the world; structure keys are made of these.
    takes, gives : kinds of the incoming and the new state; `takes` None for an opener.
    inputs : {short: spec} or {short: (name template, spec)}; a spec is (low, high), a list of choices or a
        function of Draws.
    lines : program lines; the last unindented assignment gives the new state. Empty for an opener that only
        states a value.
    says : wordings of the question sentence. final : questions that replace it, and `ask`, when the step is the
        last one.
    work : template, or function of the values, of the worked step. ask : question(s) for the new state.
    need : condition on v, r and the inputs that made problems keep. it : words for the new state ("the " + variable).
    sets : context fields changed from here on. uses : modules that the lines need. weight : how often it is
        drawn. variable : the new state, where it is not the last assignment.
    """
    assert name not in STEPS, name
    specs = {}
    assert not {"v", "r", "it", "new", "who", "noun", "one", "box", "boxes", "item", "items"} & set(inputs), name
    for short, spec in inputs.items():
        named = isinstance(spec, tuple) and isinstance(spec[0], str)
        specs[short] = spec if named else (short, spec)
    text = "\n".join([lines] if isinstance(lines, str) else lines)
    assigned = re.findall(r"(?m)^([\w{}]+) =", text)
    assert assigned or takes is None, name
    variable = variable or (assigned[-1] if assigned else list(specs)[0].join("{}"))
    made = Step(name=name, takes=takes, gives=gives, inputs=specs, lines=text, variable=variable,
                says=worded(says, takes is None), work=work, ask=listed(ask or "What is {new}?"),
                final=listed(final),
                need=compile(need, name, "eval") if need else None, it=it, sets=sets or {}, uses=uses,
                family=CURRENT[0], area=CURRENT[1], weight=weight)
    STEPS[name] = made
    group = AREAS[CURRENT[1]] if takes is None else STEPS_BY_KIND.setdefault(takes, [])
    group.extend([made] * weight)


def opener(name, gives, inputs, lines, says, **fields):
    """Registers an opener: a step that takes no state."""
    step(name, None, gives, inputs, lines, says, **fields)


def drill(name, inputs, question, work, answer):
    """Registers a drill: a single hard skill, worked in exactly the form that the steps use."""
    DRILLS.append((name, inputs, listed(question), work, answer))


def listed(value):
    return [value] if isinstance(value, str) else list(value)


def worded(says, is_opener):
    """Returns the wordings; a single wording that is a command gets a second one that begins with Then."""
    says = listed(says)
    if not is_opener and len(says) == 1 and says[0].split(" ", 1)[0] in COMMANDS:
        says.append("Then " + says[0][0].lower() + says[0][1:])
    return says


def plural_nouns():
    """Returns the plural nouns that inputs and states are counted in."""
    return ([thing[0] for thing in THINGS] + [thing[2] for thing in THINGS] + [item[0] for item in ITEMS]
            + "dollars meters minutes hours days weeks liters grams km years degrees".split()
            + "crates strips tiles posts jugs cards cakes trucks".split())


def numbers_list(low, high, shortest, longest):
    """Returns a spec: a list of numbers in low..high with shortest..longest elements."""
    return lambda draws: [draws.between(low, high) for _ in range(draws.between(shortest, longest))]


# ---- worked forms shared by steps and drills ----

def calc(expression):
    """Returns `4 * 6 = <<4*6=24>>24` for `4 * 6`; the value must be an integer."""
    code = compile(expression, "calc", "eval")
    result = eval(code)
    return f"{expression} = <<{expression.replace(' ', '')}={result}>>{result}"


def fill_calculator(text):
    return re.sub(r"<<([^<>=]+)>>", lambda match: calc(match.group(1)), text)


def join_and(parts):
    return ", ".join(str(part) for part in parts)


def spell(word):
    """Returns the letters with their places: `l 1, e 2, m 3`."""
    return ", ".join(f"{letter} {place}" for place, letter in enumerate(word, 1))


def euclid(a, b):
    """Returns the divisions of Euclid's algorithm with calculator forms."""
    a, b = max(a, b), min(a, b)
    parts = []
    while b:
        parts.append(calc(f"{a} % {b}"))
        a, b = b, a % b
    return ", ".join(parts) + f", so the gcd is {a}."


def add_up(numbers):
    """Returns the sum of a list in calculator form."""
    numbers = list(numbers)
    return calc(" + ".join(map(str, numbers))) if len(numbers) > 1 else str(sum(numbers))


def each(numbers, pattern):
    """Returns a calculator form for every number: pattern `{} * 2`."""
    return ", ".join(calc(pattern.format(number)) for number in numbers)


def judged(numbers, test):
    """Returns every number with yes or no: `3 no, 8 yes`."""
    return ", ".join(f"{number} {'yes' if test(number) else 'no'}" for number in numbers)


# ---- composition ----

def bucket_of(structure):
    """Returns the bucket 0..99 of a structure, which decides its split."""
    return Draws(SPLIT_SALT + ">".join(structure)).below(100)


def in_split(structure, split):
    bucket = bucket_of(structure)
    if split == "base":
        return bucket < 45
    return bucket < 80 if split == "seed" else bucket >= 80


def draw_structure(draws, split):
    """Returns a list of step ids of the split."""
    areas = [area for area in sorted(AREAS) for _ in range(AREA_WEIGHTS.get(area, 2))]
    while True:
        first = draws.pick(AREAS[draws.pick(areas)])
        chain, kind = [first.name], first.gives
        for _ in range(draws.pick([1, 1, 1, 2, 2, 2, 2, 3, 3])):
            fitting = [found for found in STEPS_BY_KIND.get(kind, ()) if found.name not in chain]
            if not fitting:
                break
            chosen = draws.pick(fitting)
            chain.append(chosen.name)
            kind = chosen.gives
        if len(chain) > 1 and kind not in UNFINISHED_KINDS and in_split(chain, split):
            return chain


def is_sound(kind, value):
    """Returns whether made problems may have `value` as a state of `kind`."""
    if kind in BOUNDS:
        return type(value) is int and BOUNDS[kind][0] <= value <= BOUNDS[kind][1]
    if kind == "list":
        return 2 <= len(value) <= 6 and all(0 <= number <= 400 for number in value)
    return kind != "word" or 1 <= len(value) <= 12


def compiled(text):
    code = CODE.get(text)
    if code is None:
        code = CODE[text] = compile(text, "lines", "exec")
    return code


def new_context(draws):
    names = draws.shuffle(NAMES)[:3]
    noun, one, boxes, box, prep = draws.pick(THINGS)
    items, item = draws.pick(ITEMS)
    return {"who": names[0], "friend": names[1], "third": names[2], "noun": noun, "one": one, "boxes": boxes,
            "box": box, "prep": prep, "items": items, "item": item, "v": "", "it": ""}


def run_step(now, context, scope, inputs, draws):
    """Draws inputs for step `now` until its state is sound; returns (lines, variable, values) or None."""
    names = dict(context)
    for short, (template, _) in now.inputs.items():
        names[short] = template.format_map(context)
    lines = now.lines.format_map(names)
    variable = now.variable.format_map(names)
    if any(names[short] in scope for short in now.inputs) or (variable in scope):
        return None
    wanted = draws.pick(["yes", "no"])
    for attempt in range(10):
        values = {short: draws.value(spec) for short, (_, spec) in now.inputs.items()}
        trial = dict(scope)
        for short, value in values.items():
            trial[names[short]] = value
        try:
            exec(compiled(lines), trial)
        except (ValueError, IndexError):  # the question has no answer for this state, as the largest of no numbers
            return None
        result = trial[variable]
        if not is_sound(now.gives, result) or (now.gives == "yesno" and attempt < 7 and result != wanted):
            continue
        if now.need and not eval(now.need, {**BASE_SCOPE, "v": scope.get(context["v"]), "r": result, **values}):
            continue
        scope.update(trial)
        inputs.update((names[short], value) for short, value in values.items())
        return lines, variable, values
    return None


def compose(structure, draws):
    """Returns a problem of the given structure as a dict, or None when no sound numbers were found."""
    context, scope, inputs = new_context(draws), dict(BASE_SCOPE), {}
    sentences, program, solution, uses = [], [], [], []
    for place, name in enumerate(structure):
        now = STEPS[name]
        found = run_step(now, context, scope, inputs, draws)
        if found is None:
            return None
        lines, variable, values = found
        incoming, result = scope.get(context["v"]), scope[variable]
        shown = {**context, **{short: str(value) for short, value in values.items()}}
        shown.update(v=str(incoming), r=str(result))
        if "\n" in lines:
            shown["w"] = str(scope[lines.split(" =", 1)[0]])
        shown["new"] = now.it.format_map(shown) or "the " + variable.replace("_", " ")
        is_last = place == len(structure) - 1
        if is_last and now.final and draws.chance(60):
            sentences.append(draws.pick(now.final).format_map(shown))
        else:
            sentences.append(draws.pick(now.says).format_map(shown))
            if is_last:
                sentences.append(draws.pick(now.ask).format_map(shown))
        if callable(now.work):
            solution.append(now.work(v=incoming, r=result, **values))
        elif now.work:
            solution.append(fill_calculator(now.work.format_map(shown)))
        if lines:
            program.append(lines)
        uses.extend(module for module in now.uses if module not in uses)
        context.update({field: template.format_map(shown) for field, template in now.sets.items()})
        context["v"], context["it"] = variable, shown["new"]
    question = " ".join(sentence[0].upper() + sentence[1:] for sentence in sentences)
    answer = str(scope[context["v"]])
    return {"question": question, "solution": "\n".join(solution + ["#### " + answer]), "answer": answer,
            "inputs": inputs, "lines": "\n".join(program), "variable": context["v"],
            "kind": STEPS[structure[-1]].gives, "uses": sorted(uses)}


def unified_program(parts):
    """Returns the program text in unified form."""
    body = "\n".join("    " + line for line in parts["lines"].split("\n"))
    imports = "".join(f"import {module}\n" for module in parts["uses"])
    return (f"{imports}{chr(10) if imports else ''}def solve({', '.join(parts['inputs'])}):\n{body}\n"
            f"    return {parts['variable']}\n\ninput = {json.dumps(parts['inputs'])}\n"
            "output = solve(**input)\nprint(output)")


def draw_parts(split, seed, index):
    """Returns (structure, parts) of one problem: a pure function of the arguments and the world.

    Split "seen" has the structure that split "seed" has at the same seed and index, with other draws.
    """
    attempt = 0
    while True:
        source = "seed" if split == "seen" else split
        key = f"{WORLD_VERSION}/{source}/{seed}/{index}/{attempt}"
        structure = draw_structure(Draws(key), source)
        parts = None
        if split != "seen" or compose(structure, Draws(key + "/seed")):
            for repeat in range(1 if split != "seen" else 50):
                parts = parts or compose(structure, Draws(f"{key}/{split}" + (f"/{repeat}" if repeat else "")))
        if parts:
            return structure, parts
        attempt += 1


# ---- what the engine calls ----

def make_problems(seed, start, count, split):
    """Returns problems start..start+count-1 of split "base", "seed", "seen" or "unseen"."""
    return [make_problem(split, seed, index) for index in range(start, start + count)]


def make_problem(split, seed, index):
    structure, parts = draw_parts(split, seed, index)
    return {"id": f"{split}-{seed}-{index}", "area": STEPS[structure[0]].area,
            "families": [STEPS[name].family for name in structure], "structure": ">".join(structure),
            "question": parts["question"], "solution": parts["solution"], "program": unified_program(parts),
            "answer": parts["answer"], "num_steps": len(structure)}
