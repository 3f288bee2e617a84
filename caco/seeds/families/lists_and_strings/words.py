# Words given and joined, their length.
family("words", "lists_and_strings")

opener("word_start", "word", {"word": WORDS}, "", ['Take the word "{word}".', 'A word is "{word}".'],
       it="the word", weight=2)
opener("joined_words", "word", {"first": ("first_word", WORDS), "second": ("second_word", WORDS)},
       "joined_word = {first} + {second}", ['Join "{first}" and "{second}" to one word.'],
       work='The joined word is "{r}".')
step("word_length", "word", "number", {}, "letter_count = len({v})", ["Count the letters of {it}."],
     work=lambda v, r: f"{spell(v)}. The count is {r}.", it="the number of letters",
     final="How many letters does {it} have?", weight=2)
drill("spell", {"word": WORDS}, 'How many letters does "{word}" have?',
      lambda word: f"{spell(word)}. The count is {len(word)}.", lambda word: len(word))
