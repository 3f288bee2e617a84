"""Writes unicode_tables.inc: what normalising and cutting text needs of the Unicode database.

    python3.11 caco/lm/golden/make_unicode_tables.py > caco/lm/unicode_tables.inc

Needs the `tokenizers` package (0.23): each of its parts has its own version of Unicode, and the
tables say what they say. Its expressions know Unicode 16.0, PCRE2 10.42 and Python 3.11 know 14.0;
kAdditions are the characters that are missing there. Normal forms are those of 14.0.
"""

import sys
import unicodedata

from tokenizers import Regex, normalizers, pre_tokenizers

ALL = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
CATEGORIES = """Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc
    Cf""".split()
SCRIPTS = """Han Hiragana Katakana Hangul Bopomofo Latin Greek Cyrillic Arabic Hebrew Thai Lao
    Khmer Myanmar Devanagari""".split()
HANGUL = range(0xAC00, 0xD7A4)  # composed by a formula, not by the table


def matched(pattern):
    """The characters that an expression of the library matches."""
    splitter = pre_tokenizers.Split(Regex(pattern), "removed")
    kept = set()
    for piece, _ in splitter.pre_tokenize_str("".join(map(chr, ALL))):
        kept.update(map(ord, piece))
    return set(ALL) - kept


def cut_out(splitter):
    """The characters that a pre-tokenizer takes from between two letters."""
    return [c for c in ALL if len(splitter.pre_tokenize_str(f"x{chr(c)}x")) != 1 and c != 0x78]


def ranges(codes):
    result = []
    for code in codes:
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def write(name, kind, rows):
    print(f"constexpr {kind} {name}[] = {{")
    line = "   "
    for row in rows:
        text = " {" + ", ".join(row) + "},"
        if len(line) + len(text) > 100:
            print(line)
            line = "   "
        line += text
    print(line)
    print("};")


def hexes(*values):
    return [f"0x{value:X}" for value in values]


def main():
    print("// Written by golden/make_unicode_tables.py; not by hand.")
    write("kLetterRanges", "CodeRange", [hexes(*r) for r in ranges(sorted(matched(r"\p{L}")))])
    write("kNumberRanges", "CodeRange", [hexes(*r) for r in ranges(sorted(matched(r"\p{N}")))])
    write("kNumericRanges", "CodeRange",
          [hexes(*r) for r in ranges(cut_out(pre_tokenizers.Digits(individual_digits=True)))])
    write("kPunctuationRanges", "CodeRange",
          [hexes(*r) for r in ranges(cut_out(pre_tokenizers.Punctuation()))])

    known = {c: unicodedata.category(chr(c)) for c in ALL}
    rows = []
    for name in CATEGORIES:
        theirs = matched(rf"\p{{{name}}}")
        ours = {c for c in ALL if known[c] == name}
        if ours - theirs:
            print(f"no longer {name}: {sorted(map(hex, ours - theirs))}", file=sys.stderr)
        rows += [(f'"{name}"', r) for r in ranges(sorted(theirs - ours))]
    for name in SCRIPTS + ["Alphabetic"]:
        new = [c for c in matched(rf"\p{{{name}}}") if known[c] == "Cn"]
        rows += [(f'"{name}"', r) for r in ranges(sorted(new))]
    write("kAdditions", "PropertyRange", [[name] + hexes(*r) for name, r in rows])

    classes = {}
    for code in ALL:
        value = unicodedata.combining(chr(code))
        if value:
            classes.setdefault(value, []).append(code)
    rows = [(first, last, value) for value, codes in classes.items()
            for first, last in ranges(codes)]
    write("kCombiningClasses", "CombiningRange",
          [hexes(first, last) + [str(value)] for first, last, value in sorted(rows)])

    # The last field: whether the pair composes again (not excluded, not a singleton).
    rows = []
    for code in ALL:
        parts = unicodedata.decomposition(chr(code))
        if not parts or parts.startswith("<") or code in HANGUL:
            continue
        codes = [int(part, 16) for part in parts.split()]
        composes = len(codes) == 2 and unicodedata.normalize("NFC", chr(code)) == chr(code)
        rows.append(hexes(code, *(codes + [0])[:2]) + [str(int(composes))])
    write("kDecompositions", "Decomposition", rows)

    # Lower case of one character, without context.
    lowercase = normalizers.Lowercase()
    rows = []
    for code in ALL:
        lower = [ord(c) for c in lowercase.normalize_str(chr(code))]
        if lower != [code]:
            rows.append(hexes(code, *(lower + [0, 0])[:2]))
            assert len(lower) <= 2
    write("kLowerCase", "LowerCase", rows)


if __name__ == "__main__":
    sys.exit(main())
