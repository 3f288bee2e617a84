# The short way of encode.py: numbers, short texts, and short lists and dicts of them, which is what most programs give. Each
# function that a child runs costs copies of the pages that hold it, its code and what it names; these two take the place
# of a dozen. What comes out is what the long way writes; what needs care is left to that.

import builtins

from _json import encode_basestring_ascii as quote

# All builtins are bound here as globals of this module, so that a program that replaces them changes nothing below.
globals().update({name: value for name, value in vars(builtins).items() if not name.startswith("_")})

int_repr, float_repr, str_repr, is_ascii, dict_items = int.__repr__, float.__repr__, str.__repr__, str.isascii, dict.items

INT64_MIN, INT64_MAX = -(1 << 63), (1 << 63) - 1
# What is made before its size is looked at stays below what a child keeps back for its end (RESERVE_BYTES in child.py).
MAX_PLAIN_TEXT, MAX_PLAIN_ITEMS = 128, 64


def plain_texts(value):
    """Returns (typed JSON, repr) of a value that needs no care, None for any other."""
    kind = type(value)
    if kind is int:
        if INT64_MIN <= value <= INT64_MAX:
            text = int_repr(value)
            return text, text
    elif kind is str:
        if len(value) <= MAX_PLAIN_TEXT and is_ascii(value):
            return quote(value), str_repr(value)
    elif kind is float:
        text = float_repr(value)
        if text[-1] not in "nf":  # nan, inf
            return text, text
    elif value is None:
        return "null", "None"
    elif kind is bool:
        return ("true", "True") if value else ("false", "False")
    return None


def plain_items_texts(value):
    """Returns the same of a list or dict (of just these types) of such values, None for any other."""
    if len(value) > MAX_PLAIN_ITEMS:
        return None
    jsons, texts = [], []
    if type(value) is list:
        for item in value:
            pair = plain_texts(item)
            if pair is None:
                return None
            jsons.append(pair[0])
            texts.append(pair[1])
        return f'[{",".join(jsons)}]', f'[{", ".join(texts)}]'
    for key, item in dict_items(value):
        pair, other = plain_texts(key), plain_texts(item)
        if pair is None or other is None:
            return None
        jsons.append(f"[{pair[0]},{other[0]}]")
        texts.append(f"{pair[1]}: {other[1]}")
    return f'{{"dict":[{",".join(jsons)}]}}', f'{{{", ".join(texts)}}}'
