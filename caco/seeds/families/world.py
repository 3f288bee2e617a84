# What the seed families are written with: the lexicon, the random numbers, and the functions that register
# openers, steps and drills. compose.py makes problems of them, raw_seeds.py seeds, corpus.py pre-training
# documents.
#
# A problem is a chain of one opener and one to three steps. A step takes a state of one kind (a count of
# muffins, money, a plain number, a list, a word, ...) and gives a state of some kind; it brings its own
# inputs, its program lines, several wordings and its worked step. Family files register openers and steps
# with the functions below. They are not imported: this file, compose.py, all family files in the order of
# their paths and one call make ONE program text (build.py), which runs where no file can be read. For that reason this
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
