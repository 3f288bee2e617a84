"""The layering test: each module includes only the modules that its caco_module line names, and what those name.

Reads caco/*/CMakeLists.txt (the dependency diagram) and every #include "caco/..." below caco/. Prints each violation and exits 1 on any.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent / "caco"
SECTIONS = "DEPENDS|SOURCES|TESTS|LIBRARIES"


def read_depends():
    """Returns module -> set of modules named in its DEPENDS."""
    depends = {}
    for path in sorted(ROOT.glob("*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", path.read_text())
        for name, body in re.findall(r"caco_module\(\s*(\w+)([^)]*)\)", text):
            match = re.search(rf"\bDEPENDS\s+(.*?)(?=\b(?:{SECTIONS})\b|$)", body, re.S)
            depends[name] = set(match.group(1).split()) if match else set()
    return depends


def closure(depends, name, seen=()):
    """Returns all modules that `name` may include; exits on a cycle."""
    if name in seen:
        sys.exit(f"modules depend on each other in a circle: {' -> '.join(seen)} -> {name}")
    allowed = {name}
    for other in depends.get(name, ()):
        allowed |= closure(depends, other, (*seen, name))
    return allowed


def main():
    depends = read_depends()
    if len(depends) < 5:
        sys.exit(f"found only {len(depends)} caco_module lines below {ROOT}")
    depends.setdefault("lm", {"base"})
    violations = []
    num_includes = 0
    for path in sorted(ROOT.rglob("*")):
        if path.suffix not in {".h", ".cpp"}:
            continue
        module = path.relative_to(ROOT).parts[0]
        allowed = closure(depends, module)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = re.match(r'\s*#include "caco/(\w+)/', line)
            if not match:
                continue
            num_includes += 1
            if match.group(1) not in allowed:
                violations.append(f"{path.relative_to(ROOT.parent)}:{number}: {module} may not include {match.group(1)}")
        if module != "lm" and re.search(r'#include [<"](torch|ATen|c10)/', path.read_text(errors="replace")):
            violations.append(f"{path.relative_to(ROOT.parent)}: only lm may include LibTorch")
    print("\n".join(violations) or f"{num_includes} includes between {len(depends)} modules, all downwards")
    sys.exit(1 if violations else 0)


main()
