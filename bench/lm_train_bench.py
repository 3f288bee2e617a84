#!/usr/bin/env python3
"""Training throughput of caco-lm beside plain PyTorch modules: the same model, batch and precision.

Usage: bench/lm_train_bench.py --caco-lm build/release/bin/caco-lm [--threads 2] [--rounds 3] [--markdown FILE]

Both sides train a Llama-style decoder from random weights with AdamW in float32, on the same token
ids: documents of 256 tokens, 16 of them a step. Each side runs in processes of its own, in turns,
with the environment that suits it (no denormals, no spinning threads); the best round counts. CPU
time is what compares on a machine that others use as well: tokens per second of CPU, all threads
together. The time of starting and of reading data is taken out: caco-lm runs twice, with few and
with more steps, and PyTorch is timed after a few steps of warming up.
"""
import argparse
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LENGTH = 256
BATCH = 16
SHORT_STEPS = 4
SHAPES = {  # hidden, layers, heads, head size, intermediate
    "embedded (3.0M)": (192, 6, 6, 32, 512),
    "wider (4.3M)": (256, 4, 4, 64, 768),
    "larger (27M)": (512, 8, 8, 64, 1408),
}
VOCAB = 2048


def environment(threads):
    """What both sides run under. caco-lm chooses its BLAS kernel itself; PyTorch has its own."""
    values = dict(os.environ, OMP_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
    values.update(OMP_WAIT_POLICY="PASSIVE", GOMP_SPINCOUNT="0")
    values.pop("OPENBLAS_CORETYPE", None)
    return values


def write_corpus(path, num_steps):
    """Words in no order, long enough for the steps; the tokenizer cuts them as it does English."""
    words = (ROOT / "bench" / "lm_train_bench.py").read_text().split()
    chosen = random.Random(1).choices(words, k=num_steps * LENGTH * BATCH)
    path.write_text(json.dumps({"text": " ".join(chosen)}) + "\n")


def run_measured(command, env):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command[0]}: {done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def caco_command(caco_lm, shape, corpus, output, threads, steps):
    hidden, layers, heads, head_dim, inner = shape
    return [caco_lm, "pretrain", "--data", corpus, "--tokenizer", ROOT / "models" / "embedded", "--output", output,
            "--hidden-size", hidden, "--layers", layers, "--heads", heads, "--key-value-heads", heads,
            "--head-dim", head_dim, "--intermediate-size", inner, "--optimizer", "adamw", "--precision", "float32",
            "--threads", threads, "--max-length", LENGTH, "--batch-tokens", LENGTH * BATCH,
            "--tokens", steps * LENGTH * BATCH, "--quiet"]


def measure_caco(caco_lm, shape, corpus, threads, steps):
    """Seconds of wall clock and of CPU for a step, and the loss of the last one."""
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        for number in (SHORT_STEPS, SHORT_STEPS + steps):
            output = Path(folder) / str(number)
            command = [str(part) for part in caco_command(caco_lm, shape, corpus, output, threads, number)]
            costs.append(run_measured(command, environment(threads))[:2])
        last = json.loads((output / "metrics.jsonl").read_text().splitlines()[-1])
    return [(long - short) / steps for short, long in zip(*costs)] + [last["loss"]]


def measure_torch(python, shape, corpus, threads, steps):
    command = [python, __file__, "--torch-side", json.dumps([shape, str(corpus), threads, steps])]
    return json.loads(run_measured(command, environment(threads))[2].splitlines()[-1])


def torch_side(shape, corpus, threads, steps):
    """Trains with plain modules and prints what a step costs. Runs in a process of its own."""
    import torch
    from tokenizers import Tokenizer
    from torch import nn
    from torch.nn import functional as F

    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    hidden, layers, heads, head_dim, inner = shape
    positions = torch.arange(LENGTH).float()[:, None] * 10000.0 ** (-torch.arange(0, head_dim, 2).float() / head_dim)
    cosines, sines = torch.cat([positions.cos()] * 2, -1), torch.cat([positions.sin()] * 2, -1)

    def rotate(x):
        first, second = x.chunk(2, dim=-1)
        return x * cosines + torch.cat([-second, first], -1) * sines

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.input_norm, self.post_norm = nn.RMSNorm(hidden, eps=1e-6), nn.RMSNorm(hidden, eps=1e-6)
            width = heads * head_dim
            self.query, self.key, self.value = (nn.Linear(hidden, width, bias=False) for _ in range(3))
            self.output = nn.Linear(width, hidden, bias=False)
            self.gate, self.up = nn.Linear(hidden, inner, bias=False), nn.Linear(hidden, inner, bias=False)
            self.down = nn.Linear(inner, hidden, bias=False)

        def forward(self, x):
            normed = self.input_norm(x)
            query, key, value = (part(normed).view(*x.shape[:2], heads, head_dim).transpose(1, 2)
                                 for part in (self.query, self.key, self.value))
            attended = F.scaled_dot_product_attention(rotate(query), rotate(key), value, is_causal=True)
            x = x + self.output(attended.transpose(1, 2).flatten(2))
            normed = self.post_norm(x)
            return x + self.down(F.silu(self.gate(normed)) * self.up(normed))

    class Decoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(VOCAB, hidden)
            self.blocks = nn.ModuleList(Block() for _ in range(layers))
            self.norm = nn.RMSNorm(hidden, eps=1e-6)

        def forward(self, tokens):
            x = self.embedding(tokens)
            for block in self.blocks:
                x = block(x)
            return F.linear(self.norm(x), self.embedding.weight)

    model = Decoder()
    for parameter in model.parameters():
        if parameter.dim() > 1:
            nn.init.normal_(parameter, std=0.02)
    matrices = [p for p in model.parameters() if p.dim() > 1]
    norms = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": 0.1}, {"params": norms, "weight_decay": 0.0}],
                                  lr=2e-3, betas=(0.9, 0.95), fused=True)
    text = json.loads(Path(corpus).read_text())["text"]
    ids = torch.tensor(Tokenizer.from_file(str(ROOT / "models" / "embedded" / "tokenizer.json")).encode(text).ids)
    batches = ids[: (steps + SHORT_STEPS) * BATCH * LENGTH].view(-1, BATCH, LENGTH)
    for number, tokens in enumerate(batches):
        if number == SHORT_STEPS:
            wall, cpu = time.perf_counter(), time.process_time()
        logits = model(tokens)
        loss = F.cross_entropy(logits[:, :-1].flatten(0, 1), tokens[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    costs = [(time.perf_counter() - wall) / steps, (time.process_time() - cpu) / steps, loss.item()]
    print(json.dumps(costs))


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "?")
    return f"{model}, {os.cpu_count()} CPUs, {platform.system()} {platform.release()}"


def best(rounds):
    """The least wall clock and the least CPU, which need not be of one round; the last loss."""
    return [min(row[0] for row in rounds), min(row[1] for row in rounds), rounds[-1][2]]


def measure(arguments, steps):
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        write_corpus(corpus, max(steps.values()) + SHORT_STEPS)
        for name in arguments.shapes or SHAPES:
            ours, theirs = [], []
            for _ in range(arguments.rounds):
                ours.append(measure_caco(arguments.caco_lm, SHAPES[name], corpus, arguments.threads, steps[name]))
                theirs.append(measure_torch(arguments.python, SHAPES[name], corpus, arguments.threads, steps[name]))
            rows.append((name, best(ours), best(theirs)))
            print(rows[-1], file=sys.stderr)
    return rows


def report(rows, arguments, load):
    tokens = LENGTH * BATCH
    lines = [f"| model, {arguments.threads} threads | caco-lm, tokens a CPU second | PyTorch | times "
             "| caco-lm, tokens a second | PyTorch | times | loss, caco-lm and PyTorch |",
             "|---|---|---|---|---|---|---|---|"]
    for name, ours, theirs in rows:
        cells = [name]
        for index in (1, 0):
            cells += [f"{tokens / ours[index]:,.0f}", f"{tokens / theirs[index]:,.0f}",
                      f"{theirs[index] / ours[index]:.2f}"]
        lines.append("| " + " | ".join(cells + [f"{ours[2]:.2f}, {theirs[2]:.2f}"]) + " |")
    lines += ["", f"{machine()}; load average before and after {load[0]:.1f} and {load[1]:.1f}; "
              f"best of {arguments.rounds} rounds; {time.strftime('%Y-%m-%d')}."]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--caco-lm", help="the program")
    parser.add_argument("--python", default=sys.executable, help="a Python with torch and tokenizers")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=12, help="of the smaller models; the large one takes a third")
    parser.add_argument("--shapes", nargs="*", choices=list(SHAPES))
    parser.add_argument("--markdown", help="writes the table to this file as well")
    parser.add_argument("--torch-side", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.torch_side:
        torch_side(*json.loads(arguments.torch_side))
        return
    if not arguments.caco_lm:
        parser.error("--caco-lm is needed")
    steps = {name: max(3, arguments.steps // 3) if name.startswith("larger") else arguments.steps for name in SHAPES}
    before = os.getloadavg()[0]
    rows = measure(arguments, steps)
    text = report(rows, arguments, (before, os.getloadavg()[0]))
    print(text)
    if arguments.markdown:
        Path(arguments.markdown).write_text(text)


if __name__ == "__main__":
    main()
