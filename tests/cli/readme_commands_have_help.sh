# Every command line of README.md and docs/ names commands and options that the programs have, and every link leads to a file.
. "$(dirname "$0")/lib.sh"
root=$(cd "$here/../.." && pwd)
python3 - "$root" "$CACO" <<'PYTHON'
import pathlib, re, subprocess, sys

root, caco = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
documents = [*root.glob("*.md"), *root.glob("docs/*.md")]
faults, num_commands = [], 0


def help_of(program, words):
    reply = subprocess.run([program, *words, "--help"], capture_output=True, text=True)
    return reply.stdout if reply.returncode == 0 else None


for document in documents:
    text = document.read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        if not (document.parent / target).exists():
            faults.append(f"{document.name}: no such file: {target}")
    for program, line in re.findall(r"^    (?:build/release/bin/)?(caco-lm|caco) ([^\n]+)", text, re.M):
        path = caco.parent / program
        if not path.exists():
            continue
        num_commands += 1
        words = line.split("#")[0].split()
        command = [word for word in words[:2] if re.fullmatch(r"[a-z]+", word)]
        help_text = help_of(path, command) or help_of(path, command[:1])
        if help_text is None:
            faults.append(f"{document.name}: no such command: {program} {line}")
            continue
        for option in (word.split("=")[0] for word in words if re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word)):
            if not re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", help_text):
                faults.append(f"{document.name}: {program} {' '.join(command)} has no option {option}")
if num_commands < 8:
    faults.append(f"only {num_commands} command lines found in {len(documents)} documents")
print("\n".join(faults))
sys.exit(bool(faults))
PYTHON
