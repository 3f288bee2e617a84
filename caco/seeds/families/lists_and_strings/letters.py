# Vowels and letters of a word.
family("letters", "lists_and_strings")

step("vowels", "word", "number", {}, 'vowel_count = len([c for c in {v} if c in "aeiou"])',
     ["Count the vowels (a, e, i, o, u) of {it}."],
     work=lambda v, r:
      f"{spell(v)}. Vowels: {join_and(c for c in v if c in 'aeiou') or 'none'}. The count is {r}.",
     it="the number of vowels")
step("count_letter", "word", "number", {"letter": list("aeorntl")}, "letter_uses = {v}.count({letter})",
     ['Count how often the letter "{letter}" is in {it}.'],
     work=lambda v, r, letter: f"{spell(v)}. The count of {letter} is {r}.", it="the count",
     ask="What is the count?", weight=2)
step("remove_vowels", "word", "word", {}, 'word_without_vowels = "".join(c for c in {v} if c not in "aeiou")',
     ["Remove all vowels (a, e, i, o, u) from {it}."],
     work=lambda v, r: f'{spell(v)}. Without vowels: "{r}".', it="the shorter word")
drill("letter", {"word": WORDS, "letter": list("aeorntl")}, 'How often is the letter "{letter}" in "{word}"?',
      lambda word, letter: f"{spell(word)}. The count of {letter} is {word.count(letter)}.",
      lambda word, letter: word.count(letter))
