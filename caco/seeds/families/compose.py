# Makes problems of the steps that the families register: draws a structure of the wanted split, draws inputs
# until every step is sound, and joins question, program and worked solution. Joined behind world.py (build.py).

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
