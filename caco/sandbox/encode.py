# Turns Python values into the typed data form of protocol.h and into their repr, with hard limits and without calling a
# method that the program could have written: types are told apart by identity, contents are read through the methods of
# the exact built-in type. Runs in the sandboxed child after the program ended.

import builtins
import collections
import datetime
import decimal
import fractions
import sys

from _json import encode_basestring_ascii as quote

from caco_plain_values import INT64_MAX, INT64_MIN, plain_items_texts, plain_texts

# All builtins are bound here as globals of this module, so that a program that replaces them changes nothing below.
globals().update({name: value for name, value in vars(builtins).items() if not name.startswith("_")})

modules = sys.modules
type_flags = type.__dict__["__flags__"].__get__
type_mro = type.__dict__["__mro__"].__get__
type_name = type.__dict__["__name__"].__get__
type_module = type.__dict__["__module__"].__get__
arguments_of = BaseException.__dict__["args"].__get__
# A number that an object alone has, like id(), which would raise an audit event.
identity = object.__hash__
join = "".join

MAX_DEPTH = 60
HEAP_TYPE = 1 << 9
LOG2_OF_10 = 3.3219280948873626
INT64_DIGITS = 19


def quote_text(text):
    """Returns a string as JSON; halves of characters, which JSON readers refuse, become escapes that can be read."""
    if not str.isascii(text):
        text = str.encode(text, "utf-8", "backslashreplace").decode()
    return quote(text)


class TooLarge(Exception):
    """The value is above a size limit."""


class Unserializable(Exception):
    """The value, or something in it, has no data form; the argument says why."""


class Writer:
    """Collects the two texts of one value and counts what they cost."""

    __slots__ = ("json", "text", "left", "max_int_digits", "path")

    def __init__(self, limit_bytes, max_int_digits):
        self.json = []
        self.text = []
        self.left = limit_bytes
        self.max_int_digits = max_int_digits
        self.path = set()

    def put(self, json, text):
        self.left -= len(json) if len(json) > len(text) else len(text)
        if self.left < 0:
            raise TooLarge
        self.json.append(json)
        self.text.append(text)


def encode(value, limit_bytes, max_int_digits):
    """Returns (typed JSON, repr) of `value`; raises TooLarge or Unserializable."""
    if max_int_digits >= INT64_DIGITS:
        kind = type(value)
        pair = plain_items_texts(value) if kind is dict or kind is list else plain_texts(value)
        if pair is not None and len(pair[0]) + len(pair[1]) <= limit_bytes:
            return pair
    writer = Writer(limit_bytes, max_int_digits)
    write(writer, value, 0)
    return join(writer.json), join(writer.text)


def plain_message(error):
    """Returns a bounded text of an exception without calling what the program may have written."""
    arguments = arguments_of(error)
    if not arguments:
        return ""
    if type(arguments[0]) is str and (len(arguments) == 1 or is_among(SyntaxError, type_mro(type(error)))):
        return arguments[0][:500]
    try:
        return encode(arguments, 2000, 400)[1][:500]
    except Exception:
        return ""


def write(writer, value, depth):
    kind = type(value)
    writer_of_kind = WRITERS.get(identity(kind))
    if writer_of_kind is not None:
        writer_of_kind(writer, value, depth)
    else:
        write_library_value(writer, value, kind, depth)


def write_none(writer, value, depth):
    writer.put("null", "None")


def write_bool(writer, value, depth):
    writer.put("true" if value else "false", "True" if value else "False")


def int_text(writer, value):
    if int.bit_length(value) > writer.max_int_digits * LOG2_OF_10 + 1:
        raise TooLarge
    text = int.__repr__(value)
    if len(text) - (value < 0) > writer.max_int_digits:
        raise TooLarge
    return text


def write_int(writer, value, depth):
    text = int_text(writer, value)
    writer.put(text if INT64_MIN <= value <= INT64_MAX else f'{{"int":"{text}"}}', text)


def float_json(value):
    text = float.__repr__(value)
    return f'{{"float":"{text}"}}' if text in ("nan", "inf", "-inf") else text


def write_float(writer, value, depth):
    writer.put(float_json(value), float.__repr__(value))


def write_complex(writer, value, depth):
    writer.put(f'{{"complex":[{float_json(value.real)},{float_json(value.imag)}]}}', complex.__repr__(value))


def string_json(writer, value):
    if len(value) > writer.left:
        raise TooLarge
    try:
        str.encode(value)
    except UnicodeEncodeError:
        return f'{{"str":"{bytes.hex(str.encode(value, "utf-8", "surrogatepass"))}"}}'
    return quote(value)


def write_str(writer, value, depth):
    writer.put(string_json(writer, value), str.__repr__(value))


def write_bytes(writer, value, depth):
    if len(value) > writer.left:
        raise TooLarge
    writer.put(f'{{"bytes":"{bytes.hex(value)}"}}', bytes.__repr__(value))


def write_bytearray(writer, value, depth):
    if len(value) > writer.left:
        raise TooLarge
    writer.put(f'{{"bytearray":"{bytearray.hex(value)}"}}', bytearray.__repr__(value))


def write_range(writer, value, depth):
    parts = [int_text(writer, part) for part in (value.start, value.stop, value.step)]
    json = ",".join(f'{{"int":"{part}"}}' for part in parts)
    writer.put(f'{{"range":[{json}]}}', range.__repr__(value))


def enter(writer, value, depth):
    if depth >= MAX_DEPTH:
        raise TooLarge
    if identity(value) in writer.path:
        raise Unserializable("a cycle")
    writer.path.add(identity(value))


def write_items(writer, items, depth):
    for index, item in enumerate(items):
        if index:
            writer.put(",", ", ")
        write(writer, item, depth + 1)


def write_list(writer, value, depth):
    enter(writer, value, depth)
    writer.put("[", "[")
    write_items(writer, list.__iter__(value), depth)
    writer.put("]", "]")
    writer.path.discard(identity(value))


def write_tuple(writer, value, depth):
    enter(writer, value, depth)
    writer.put('{"tuple":[', "(")
    write_items(writer, tuple.__iter__(value), depth)
    writer.put("]}", ",)" if len(value) == 1 else ")")
    writer.path.discard(identity(value))


def set_items(writer, items, depth):
    """Returns the members in an order that does not depend on hashes: by value for numbers and text, else by form."""
    kinds = {identity(type(item)) for item in items}
    if kinds <= {identity(int), identity(bool)} or kinds == {identity(str)}:
        return sorted(items)
    if kinds <= {identity(int), identity(bool), identity(float)} and all(item == item for item in items):
        return sorted(items)
    forms = []
    for item in items:
        one = Writer(writer.left, writer.max_int_digits)
        one.path = writer.path
        write(one, item, depth + 1)
        forms.append((join(one.json), item))
    return [item for _, item in sorted(forms, key=first)]


def first(pair):
    return pair[0]


def write_set(writer, value, depth):
    if len(value) > writer.left:
        raise TooLarge
    writer.put('{"set":[', "{" if value else "set(")
    write_items(writer, set_items(writer, list(set.__iter__(value)), depth), depth)
    writer.put("]}", "}" if value else ")")


def write_frozenset(writer, value, depth):
    if len(value) > writer.left:
        raise TooLarge
    writer.put('{"frozenset":[', "frozenset({" if value else "frozenset(")
    write_items(writer, set_items(writer, list(frozenset.__iter__(value)), depth), depth)
    writer.put("]}", "})" if value else ")")


def write_pairs(writer, pairs, depth):
    for index, (key, item) in enumerate(pairs):
        if index:
            writer.put(",", ", ")
        writer.put("[", "")
        write(writer, key, depth + 1)
        writer.put(",", ": ")
        write(writer, item, depth + 1)
        writer.put("]", "")


def write_dict(writer, value, depth):
    enter(writer, value, depth)
    writer.put('{"dict":[', "{")
    write_pairs(writer, dict.items(value), depth)
    writer.put("]}", "}")
    writer.path.discard(identity(value))


def write_counter(writer, value, depth):
    enter(writer, value, depth)
    writer.put('{"counter":[', "Counter({" if len(value) else "Counter(")
    pairs = list(dict.items(value))
    if all(type(count) is int for _, count in pairs):
        pairs = sorted(pairs, key=negative_count)
    write_pairs(writer, pairs, depth)
    writer.put("]}", "})" if len(value) else ")")
    writer.path.discard(identity(value))


def negative_count(pair):
    return -pair[1]


def write_default_dict(writer, value, depth):
    enter(writer, value, depth)
    writer.put('{"defaultdict":[', "defaultdict({")
    write_pairs(writer, dict.items(value), depth)
    writer.put("]}", "})")
    writer.path.discard(identity(value))


def write_ordered_dict(writer, value, depth):
    enter(writer, value, depth)
    writer.put('{"ordereddict":[', "OrderedDict({")
    write_pairs(writer, collections.OrderedDict.items(value), depth)
    writer.put("]}", "})")
    writer.path.discard(identity(value))


def write_deque(writer, value, depth):
    enter(writer, value, depth)
    writer.put('{"deque":[', "deque([")
    write_items(writer, collections.deque.__iter__(value), depth)
    writer.put("]}", "])")
    writer.path.discard(identity(value))


def write_fraction(writer, value, depth):
    numerator, denominator = value._numerator, value._denominator
    if type(numerator) is not int or type(denominator) is not int:
        raise Unserializable("Fraction")
    top, bottom = int_text(writer, numerator), int_text(writer, denominator)
    writer.put(f'{{"fraction":"{top}/{bottom}"}}', f"Fraction({top}, {bottom})")


def write_decimal(writer, value, depth):
    text = decimal.Decimal.__str__(value)
    writer.put(f'{{"decimal":"{text}"}}', f"Decimal('{text}')")


def write_date(writer, value, depth):
    writer.put(f'{{"date":"{datetime.date.isoformat(value)}"}}', datetime.date.__repr__(value))


def write_datetime(writer, value, depth):
    check_zone(value)
    writer.put(f'{{"datetime":"{datetime.datetime.isoformat(value)}"}}', datetime.datetime.__repr__(value))


def write_time(writer, value, depth):
    check_zone(value)
    writer.put(f'{{"time":"{datetime.time.isoformat(value)}"}}', datetime.time.__repr__(value))


def check_zone(value):
    if value.tzinfo is not None and type(value.tzinfo) is not datetime.timezone:
        raise Unserializable("a time zone of its own")


def write_timedelta(writer, value, depth):
    writer.put(f'{{"timedelta":[{value.days},{value.seconds},{value.microseconds}]}}', datetime.timedelta.__repr__(value))


WRITERS = {identity(kind): function for kind, function in (
    (type(None), write_none), (bool, write_bool), (int, write_int), (float, write_float), (complex, write_complex),
    (str, write_str), (bytes, write_bytes), (bytearray, write_bytearray), (range, write_range), (list, write_list),
    (tuple, write_tuple), (set, write_set), (frozenset, write_frozenset), (dict, write_dict),
    (collections.Counter, write_counter), (collections.OrderedDict, write_ordered_dict),
    (collections.defaultdict, write_default_dict), (collections.deque, write_deque),
    (fractions.Fraction, write_fraction), (decimal.Decimal, write_decimal), (datetime.date, write_date),
    (datetime.datetime, write_datetime), (datetime.time, write_time), (datetime.timedelta, write_timedelta))}


# ---- NumPy and SymPy ----

def defined_in(kind, library):
    """Returns whether a class is what its name says: found under its name in a module of the library."""
    if not type_flags(kind) & HEAP_TYPE:
        return True
    module = type_module(kind)
    if type(module) is not str or module.partition(".")[0] != library or module not in modules:
        return False
    return modules[module].__dict__.get(type_name(kind)) is kind


def is_among(kind, ancestors):
    """Returns whether a class is in a tuple, without asking their metaclasses whether they are equal."""
    return any([one is kind for one in ancestors])


def class_of(module, name):
    return modules[module].__dict__.get(name) if module in modules else None


def write_library_value(writer, value, kind, depth):
    ancestors = type_mro(kind)
    is_builtin = not type_flags(kind) & HEAP_TYPE
    if is_builtin and kind is class_of("numpy", "ndarray"):
        write_array(writer, value, depth)
    elif is_builtin and is_among(class_of("numpy", "generic"), ancestors):
        write_numpy_scalar(writer, value, kind, depth)
    elif (is_among(class_of("sympy.core.basic", "Basic"), ancestors)
          or is_among(class_of("sympy.matrices.matrices", "MatrixBase"), ancestors)):
        if not defined_in(kind, "sympy") and type(kind) is not class_of("sympy.core.function", "UndefinedFunction"):
            raise Unserializable(type_name(kind))
        write_expression(writer, value, kind)
    else:
        raise Unserializable(type_name(kind))


def write_numpy_scalar(writer, value, kind, depth):
    plain = value.item()
    if type(plain) is kind:
        plain = float(value)
    writer.put(f'{{"numpy":["{type_name(kind)}",', "")
    write(writer, plain, depth + 1)
    writer.put("]}", "")


def write_array(writer, value, depth):
    if value.size > writer.left:
        raise TooLarge
    if value.dtype.kind not in "biufcSUO":
        raise Unserializable(f"an array of {value.dtype}")
    enter(writer, value, depth)
    writer.put(f'{{"ndarray":["{value.dtype.name}",', "")
    write(writer, value.tolist(), depth + 1)
    writer.put("]}", "")
    writer.path.discard(identity(value))


def write_expression(writer, value, kind):
    text = str(value)
    if type(text) is not str:
        raise Unserializable(type_name(kind))
    writer.put(f'{{"sympy":[{quote_text(type_name(kind))},{string_json(writer, text)}]}}', text)
