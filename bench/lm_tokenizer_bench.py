"""The same measurement as lm_tokenizer_bench, with the `tokenizers` library on one core.

    python3 bench/lm_tokenizer_bench.py FOLDER... -- FILE...

Each folder has a tokenizer.json. Prints encode MB/s of processor time.
"""

import os
import pathlib
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"

from tokenizers import Tokenizer  # noqa: E402 (the setting above must come first)

MEGABYTES = 4
DOCUMENT_BYTES = 100_000


def documents(text):
    result = []
    done = 0
    while done < MEGABYTES * 1_000_000:
        begin = 0
        while begin < len(text) and done < MEGABYTES * 1_000_000:
            end = text.find(b"\n", begin + DOCUMENT_BYTES) + 1 or len(text)
            result.append(text[begin:end].decode())
            done += end - begin
            begin = end
    return result


def main():
    border = sys.argv.index("--")
    print("| tokenizer | text | encode MB/s | with the cache |\n|---|---|---|---|")
    for folder in sys.argv[1:border]:
        tokenizer = Tokenizer.from_file(str(pathlib.Path(folder) / "tokenizer.json"))
        for file in sys.argv[border + 1:]:
            texts = documents(pathlib.Path(file).read_bytes())
            size = sum(len(text.encode()) for text in texts) / 1e6
            speeds = []
            for _ in range(2):
                begin = time.process_time()
                for text in texts:
                    tokenizer.encode(text, add_special_tokens=False)
                speeds.append(size / (time.process_time() - begin))
            print(f"| {pathlib.Path(folder).name} | {pathlib.Path(file).name} | {speeds[0]:.1f} |"
                  f" {speeds[1]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
