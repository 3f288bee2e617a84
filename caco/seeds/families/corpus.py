# Pre-training documents of the embedded model, made of the world's problems (split "base"). build.py puts this
# file behind world.py and the family files; the engine, which needs problems only, leaves it out.

PERSON_EVERY = 12     # one document in so many is a drill in keeping to one person or two
STORIES_PER_PERSON = 6
POOL_SIZE = 2000      # stories of one person, and of two, drawn once, that those drills are put together from
POOLS = {}            # (seed, number of persons) -> stories


def block(role, text):
    return f"<|im_start|>{role}\n{text}<|im_end|>\n"


def make_corpus(seed, start, count):
    """Returns pre-training documents start..start+count-1.

    One document in 12 is a drill in keeping to persons. Of the others, each 2,000 hold 900 problems, once as program ->
    question and once as question -> solution -> program (the program in half of them), and 200 drills of
    single skills, in a fixed mixed order.
    """
    return [{"text": make_document(seed, index)} for index in range(start, start + count)]


def make_document(seed, index):
    turn, place = divmod(index, PERSON_EVERY)
    if place == PERSON_EVERY - 1:
        return person_document(seed, turn)
    group, place = divmod(index - turn, 2000)
    slot = (place * 733 + 17) % 2000
    if slot >= 1800:
        return drill_document(Draws(f"{WORLD_VERSION}/drill/{seed}/{group}/{slot}"))
    problem = make_problem("base", seed, group * 900 + slot % 900)
    if slot < 900:
        text = block("program", problem["program"]) + block("output", problem["answer"])
        return text + block("question", problem["question"])
    text = block("question", problem["question"]) + block("solution", problem["solution"])
    return text + block("program", problem["program"]) if hash_text(problem["id"]) % 2 else text


def drill_document(draws):
    name, inputs, questions, work, answer = draws.pick(DRILLS)
    values = {short: draws.value(spec) for short, spec in inputs.items()}
    question = draws.pick(questions).format_map(values)
    return block("question", question) + block("solution", f"{work(**values)}\n#### {answer(**values)}")


def person_document(seed, index):
    """Returns the stories of several problems, all told of one person, or of the same two with their parts changing.

    Within a problem a name comes back two or three times, far apart, and a very small model learns to count long before
    it learns to copy it. Here it comes back in every sentence.
    """
    draws = Draws(f"{WORLD_VERSION}/person/{seed}/{index}")
    persons = 1 + draws.below(2)
    names = draws.shuffle(NAMES)[:persons]
    stories = []
    for _ in range(STORIES_PER_PERSON):
        story = draws.pick(person_stories(seed, persons))
        stories.append(story.format(*draws.shuffle(names)))
    return block("question", " ".join(stories))


def person_stories(seed, persons):
    """Returns questions that name so many persons, with {0} and {1} in the names' places; made once a seed and number."""
    stories = POOLS.setdefault((seed, persons), [])
    draws = Draws(f"{WORLD_VERSION}/stories/{seed}/{persons}")
    any_name = re.compile(rf"\b({'|'.join(NAMES)})\b")
    while len(stories) < POOL_SIZE:
        question = make_problem("base", seed, draws.below(1000000))["question"]
        found = list(dict.fromkeys(any_name.findall(question)))
        if len(found) == persons and "{" not in question:
            stories.append(any_name.sub(lambda match: f"{{{found.index(match.group())}}}", question))
    return stories
