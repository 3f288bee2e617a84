"""Writes tokenizer_vectors.json: what the `tokenizers` library makes of texts, for each kind.

    python3 caco/lm/golden/make_tokenizer_vectors.py > caco/lm/golden/tokenizer_vectors.json

One small vocabulary is trained here; each kind puts the components of a known family around it
(none of their vocabularies is used). Needs tokenizers 0.23.
"""

import json
import random

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
from tokenizers import pre_tokenizers, processors, trainers

CORPUS = [
    "The quick brown fox jumps over the lazy dog, and the dog doesn't care; they've all seen it.",
    "Once upon a time there was a small tokenizer that learnt to read bytes, one pair at a time.",
    "def area(width, height):\n    return width * height\n\nfor i in range(10):\n    print(i)\n",
    "int main() {\n\tstd::vector<int> values = {1, 2, 3};\n\treturn values.size() == 3 ? 0 : 1;\n}\n",
    "The answer is 3.14159, or 22/7; 1234567 is a number, and so are 100, 2000 and 65536.",
    "Der Führer der Gruppe fährt über die Brücke. Où est la bibliothèque ? ¿Dónde está el baño?",
    "Привет, мир! Как дела? 你好，世界！今天天气很好。こんにちは、世界。안녕하세요 세계",
    "The other thing that the teacher thought through was whether there were other theories.",
] * 4

CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
QWEN2 = (CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
O200K = (r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" +
         CONTRACTIONS + "?" +
         r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" +
         CONTRACTIONS + "?" + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK_V3 = (r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?"
               r"[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
NEVER_IN_UTF8 = [0xC0, 0xC1, *range(0xF5, 0x100)]


def split(pattern, behavior="isolated", invert=False):
    return pre_tokenizers.Split(pattern if isinstance(pattern, str) else Regex(pattern[0]),
                                behavior, invert)


def byte_level(prefix=False, regex=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=regex)


def stages(*each):
    return pre_tokenizers.Sequence(list(each))


def special(content, **options):
    return AddedToken(content, special=True, normalized=options.pop("normalized", False), **options)


def plain(content, **options):
    return AddedToken(content, normalized=options.pop("normalized", False), **options)


CHATML = [special("<|endoftext|>"), special("<|im_start|>"), special("<|im_end|>"),
          plain("<think>"), plain("</think>"), plain("<tool_call>")]


def kinds():
    """Yields name, normalizer, pre-tokenizer, added tokens, post-processor, ignore_merges."""
    yield "gpt2", None, byte_level(regex=True), [special("<|endoftext|>")], None, False
    yield ("roberta_like", None, byte_level(prefix=True, regex=True),
           [special("<s>"), special("</s>"), special("<mask>", lstrip=True)],
           processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 500),
                                                                             ("</s>", 501)]), False)
    yield ("qwen2", normalizers.NFC(), stages(split([QWEN2]), byte_level()), CHATML,
           processors.ByteLevel(trim_offsets=False), False)
    yield ("llama3", None, stages(split([LLAMA3]), byte_level()),
           [special("<|begin_of_text|>"), special("<|eot_id|>")],
           processors.Sequence([processors.ByteLevel(trim_offsets=True),
                                processors.TemplateProcessing(
                                    single="<|begin_of_text|> $A",
                                    special_tokens=[("<|begin_of_text|>", 500)])]), True)
    yield ("deepseek_llm", None,
           stages(split([r"[\r\n]"]),
                  split([r"\s?[A-Za-zµÀ-ÖØ-öø-ƺͰ-ͳΆΈ-ΡΣ-ϵЀ-ҁԱ-ՖＡ-Ｚａ-ｚ𐐀-𐑏]+"]),
                  split([r"\s?[!-/:-~！-／：-～‘-‟　-。]+"]), split([r"\s+$"]),
                  split([r"[一-龥ࠀ-一가-퟿]+"]), pre_tokenizers.Digits(individual_digits=True),
                  byte_level()),
           [special("<｜begin▁of▁sentence｜>"), plain("ü"), plain("ö")], None, False)
    yield ("deepseek_v3", None,
           stages(split([r"\p{N}{1,3}"]), split([r"[一-龥぀-ゟ゠-ヿ]+"]), split([DEEPSEEK_V3]),
                  byte_level()), [special("<｜User｜>"), plain("<think>")], None, False)
    yield ("starcoder", None,
           stages(pre_tokenizers.Digits(individual_digits=True), byte_level(regex=True)),
           [special("<|endoftext|>"), special("<fim_prefix>")], None, False)
    yield ("falcon", None,
           stages(pre_tokenizers.Punctuation("contiguous"), byte_level(regex=True),
                  pre_tokenizers.Digits(individual_digits=False), split(["[0-9][0-9][0-9]"])),
           [special(">>TITLE<<"), special("<|endoftext|>")], None, False)
    yield "o200k", None, stages(split([O200K], "removed", True), byte_level()), [], None, False
    yield ("phi2_like", None, byte_level(regex=True),
           [special("<|endoftext|>")] + [plain(" " * n, normalized=True) for n in range(2, 9)] +
           [plain("\t" * n, normalized=True) for n in range(2, 4)], None, False)
    yield ("rewriting",
           normalizers.Sequence([normalizers.NFD(), normalizers.Lowercase(), normalizers.Strip(),
                                 normalizers.Replace(Regex(r"\d+"), "#"),
                                 normalizers.Replace("the", "THE"), normalizers.Prepend("> ")]),
           stages(split("-", "merged_with_previous"), split([r"[aeiou]"], "merged_with_next"),
                  split([r"x|q*"], "removed"), byte_level(prefix=True, regex=False)),
           [plain("Fox", normalized=True), special("<|im_end|>")], None, False)
    yield ("cutting", None,
           stages(pre_tokenizers.WhitespaceSplit(), split([r"\w+"], "contiguous", True),
                  split([r"[^\s\w]|[\h\-]$"], "merged_with_previous"),
                  pre_tokenizers.Punctuation("merged_with_next"), split([r"\p{Han}"], "contiguous"),
                  byte_level(regex=True)), [], None, False)
    yield ("added_options", normalizers.Lowercase(), byte_level(regex=True),
           [plain("fox", single_word=True), plain("dog", lstrip=True),
            plain("THE", normalized=True, rstrip=True), plain("over the lazy"), plain("over"),
            special("<|im_end|>", rstrip=True, lstrip=True), special("<|IM|>", normalized=True),
            plain("é", single_word=True)], None, False)


def texts():
    yield from CORPUS[:8]
    yield from ["", " ", "  ", "\n", "\r\n", "\t\t x", "a", " a", "  a", "a  ", "a \n b", "1", "12345",
                "x 123 456", "cafe\u0301 A\u030a", "\u1100\u1161\u11a8 \uac00\u11a8 \u0344 \u2126",
                "'s 'S 'ſ 'RE don'T I'LL 'lL 'x", "<|im_start|>user\nhi<|im_end|>\n<|im_end",
                "  <|im_end|>  <mask> x<mask>", "<|begin_of_text|>x<|eot_id|><s></s>",
                "the fox, foxes; a-fox dog  dog hotdog over the lazy over é éa THE the The",
                "Führer für Öl", "a     b\t\t\tc  ", "<|IM|> <|im|>", "½²ⅷ x²", "３４５", "🚀🚀 👨‍👩‍👧‍👦 e\u200dx",
                "한국어 ไทย हिन्दी עברית العربية", "\u180e\u200b\ufeff \u00a0x\u3000y\u2028z\u0085",
                "a" * 300 + " " * 40 + "ab" * 80, "-- x-y --", "x-- q", "\U0001e030\U00016d43 \ua7cb x",
                "Ǆ ǅ İ ẞ Σ ΑΣ", "x\u0300\u0316\u0301 q\u0307\u0323 \u0958", "#define X 0xFF\n\n\n\ty = 1;\n"]
    randomness = random.Random(20261123)
    pool = ("aabcdeEfgsSt  \n\r\t'-.,;:!?()[]{}<>|/\\\"#$%^&*_~=+`@0123456789" + "éüößñçÅ’“”—…"
            "привет你好世界ひらカタ한글\u0301\u0323\u00a0\u2003\u3000\u0085\u200d½²Ⅷ٣߁🚀😀ſKﬁﬆǅʰªاहि")
    for _ in range(60):
        length = randomness.randrange(1, 40)
        yield "".join(randomness.choice(pool) for _ in range(length))
    for _ in range(10):
        codes = [randomness.choice([randomness.randrange(0x20, 0x250), randomness.randrange(0x20, 0xD800),
                                    randomness.randrange(0xE000, 0x20000)]) for _ in range(20)]
        yield "".join(map(chr, codes))


def train():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = byte_level(regex=True)
    trainer = trainers.BpeTrainer(vocab_size=500, show_progress=False,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(CORPUS, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


def without_bytes_never_in_utf8(vocab, merges):
    """DeepSeek's vocabulary lacks the bytes that UTF-8 never has; the ids close up."""
    alphabet = byte_alphabet()
    gone = {alphabet[byte] for byte in NEVER_IN_UTF8}
    kept = [token for token, _ in sorted(vocab.items(), key=lambda item: item[1])
            if token not in gone]
    return {token: index for index, token in enumerate(kept)}, merges


def byte_alphabet():
    own = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in own]
    result = {byte: chr(byte) for byte in own}
    result.update({byte: chr(256 + index) for index, byte in enumerate(others)})
    return result


def main():
    vocab, merges = train()
    all_texts = list(texts())
    result = {"vocab": vocab, "merges": [list(pair) for pair in merges], "texts": all_texts,
              "kinds": []}
    for name, normalizer, pre_tokenizer, added, post_processor, ignores in kinds():
        pair = (vocab, merges)
        if name == "deepseek_llm":
            pair = without_bytes_never_in_utf8(vocab, merges)
        tokenizer = Tokenizer(models.BPE(pair[0], pair[1], ignore_merges=ignores))
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        tokenizer.pre_tokenizer = pre_tokenizer
        tokenizer.decoder = decoders.ByteLevel()
        if added:
            tokenizer.add_tokens(added)
        if post_processor is not None:
            tokenizer.post_processor = post_processor
        document = json.loads(tokenizer.to_str())
        del document["model"]["vocab"], document["model"]["merges"]
        kind = {"name": name, "lacks_bytes": name == "deepseek_llm", "document": document}
        encode = lambda text, add: tokenizer.encode(text, add_special_tokens=add).ids
        kind["ids"] = [encode(text, False) for text in all_texts]
        kind["with_special_tokens"] = [encode(text, True) for text in all_texts[:2]]
        tokenizer.encode_special_tokens = True
        kind["untrusted"] = {str(index): ids for index, text in enumerate(all_texts)
                             if (ids := encode(text, False)) != kind["ids"][index]}
        result["kinds"].append(kind)
    print(json.dumps(result, ensure_ascii=True, separators=(",", ":")).replace('{"name"', '\n{"name"'))


if __name__ == "__main__":
    main()
