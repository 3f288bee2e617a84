# A word reversed or cut.
family("word_parts", "lists_and_strings")

step("reverse_word", "word", "word", {}, "reversed_word = {v}[::-1]", ["Write {it} backwards."],
     work=lambda v, r: f'{join_and(v)} backwards is {join_and(r)}. The word is "{r}".',
     it="the reversed word")
step("first_letters", "word", "word", {"k": ("num_letters", (2, 4))}, "word_start = {v}[:{k}]",
     ["Take the first {k} letters of {it}."], need="k < len(v)",
     work=lambda v, r, k: f'{spell(v)}. The first {k}: "{r}".', it="the start of the word",
     ask="Which letters are these?")
step("drop_letters", "word", "word", {"k": ("letters_removed", (2, 3))}, "word_end = {v}[{k}:]",
     ["Remove the first {k} letters of {it}."], need="k < len(v) - 1",
     work=lambda v, r, k: f'{spell(v)}. Without the first {k}: "{r}".', it="the end of the word",
     ask="Which letters are left?")
drill("reverse_word", {"word": WORDS}, 'Write "{word}" backwards.',
      lambda word: f'{join_and(word)} backwards is {join_and(word[::-1])}. The word is "{word[::-1]}".',
      lambda word: word[::-1])
