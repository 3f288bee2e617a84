#!/usr/bin/env python3
"""Fine-tuning and sampling on a GPU, in one call: tokens/s, MFU, and sampling beside plain PyTorch.

Usage: bench/lm_gpu_bench.py --caco-lm build-torch/bin/caco-lm [--shapes 0.5b 7b] [--markdown FILE]
       bench/lm_gpu_bench.py --caco-lm ... --train-devices cuda:0,cuda:1         (training on several)
       bench/lm_gpu_bench.py --caco-lm ... --shapes tiny --device torch-cpu      (a smoke run)

Needs a caco-lm built with CACO_TORCH=ON and a Python with torch and numpy. Each shape gets a
checkpoint of random weights in bfloat16. Fine-tuning trains all weights on packed documents of mixed
lengths; the run is killed after --steps steps, since saving is not what is measured, and the first
steps are left out. On several devices a step has so many times the tokens, one pass for each, and MFU
is of all their peaks together. Sampling completes --batch prompts at a time, without ends; time for
loading and for the prompts is taken out by a second, shorter run. The PyTorch side is a decoder of the
same shape with a static cache, scaled_dot_product_attention and multinomial sampling on the device,
eager.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WARM_UP_STEPS = 3
SHAPES = {  # of Qwen2.5; hidden, layers, heads, key heads, head size, intermediate, vocabulary, tied; tokens a pass
    "tiny": (64, 2, 4, 2, 16, 128, 2048, True, 512),
    "0.5b": (896, 24, 14, 2, 64, 4864, 151936, True, 16384),
    "7b": (3584, 28, 28, 4, 128, 18944, 152064, False, 8192),
}
DENSE_BF16_TFLOPS = {"H100": 989, "H200": 989, "A100": 312, "L40S": 362, "RTX 4090": 165}


def write_checkpoint(folder, shape):
    """Random weights in the Hugging Face layout, with the embedded model's tokenizer."""
    import torch

    hidden, layers, heads, key_heads, size, inner, vocab, tied, _ = shape
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(ROOT / "models" / "embedded" / name, folder)
    (folder / "config.json").write_text(json.dumps({
        "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "vocab_size": vocab, "hidden_size": hidden,
        "intermediate_size": inner, "num_hidden_layers": layers, "num_attention_heads": heads,
        "num_key_value_heads": key_heads, "head_dim": size, "max_position_embeddings": 4096, "rms_norm_eps": 1e-6,
        "rope_theta": 1000000.0, "tie_word_embeddings": tied, "torch_dtype": "bfloat16", "hidden_act": "silu"}))
    shapes = {"model.embed_tokens.weight": (vocab, hidden)}
    for layer in range(layers):
        prefix = f"model.layers.{layer}."
        for name, rows in (("q", heads * size), ("k", key_heads * size), ("v", key_heads * size)):
            shapes[prefix + f"self_attn.{name}_proj.weight"] = (rows, hidden)
            shapes[prefix + f"self_attn.{name}_proj.bias"] = (rows,)
        shapes[prefix + "self_attn.o_proj.weight"] = (hidden, heads * size)
        shapes[prefix + "mlp.gate_proj.weight"] = shapes[prefix + "mlp.up_proj.weight"] = (inner, hidden)
        shapes[prefix + "mlp.down_proj.weight"] = (hidden, inner)
        for name in ("input_layernorm", "post_attention_layernorm"):
            shapes[prefix + name + ".weight"] = (hidden,)
    shapes["model.norm.weight"] = (hidden,)
    if not tied:
        shapes["lm_head.weight"] = (vocab, hidden)
    header, end = {}, 0
    for name, sizes in shapes.items():
        begin, end = end, end + 2 * torch.Size(sizes).numel()
        header[name] = {"dtype": "BF16", "shape": list(sizes), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    torch.manual_seed(1)
    with open(folder / "model.safetensors", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for name, sizes in shapes.items():
            values = torch.ones(sizes) if "norm" in name else torch.randn(sizes) * 0.02
            file.write(values.to(torch.bfloat16).view(torch.int16).numpy().tobytes())


def write_corpus(path, num_tokens):
    """Words in no order, in documents of mixed lengths; about num_tokens of the embedded tokenizer."""
    source = random.Random(1)
    words = Path(__file__).read_text().split()
    with open(path, "w") as file:
        while num_tokens > 0:
            length = min(1200, int(source.lognormvariate(5.5, 0.8)) + 20)
            num_tokens -= 2 * length
            file.write(json.dumps({"text": " ".join(source.choices(words, k=length))}) + "\n")


def count_devices(names):
    """How many devices --device NAMES trains on."""
    if names != "cuda:all":
        return len(names.split(","))
    import torch

    return torch.cuda.device_count()


def measure_training(arguments, shape, model, folder, peak):
    """Tokens a second and MFU over the steps after the warm-up."""
    rows, deadline = [], time.time() + arguments.limit_seconds
    tokens, num_devices = shape[-1], count_devices(arguments.train_devices)
    corpus, output = folder / "corpus.jsonl", folder / "trained"
    write_corpus(corpus, num_devices * tokens * (arguments.steps + 4))
    command = [arguments.caco_lm, "train", "--base", model, "--data", corpus, "--output", output,
               "--device", arguments.train_devices, "--max-length", min(2048, tokens), "--over-long", "split", "--packing",
               "--batch-tokens", num_devices * tokens, "--micro-batch-tokens", tokens, "--epochs", 20, "--lr", 1e-5]
    if peak:
        command += ["--peak-tflops", peak]
    if shape[0] > 2000:
        command.append("--gradient-checkpointing")
    process = subprocess.Popen([str(part) for part in command], stderr=subprocess.PIPE, text=True)
    metrics = output / "metrics.jsonl"
    while process.poll() is None and len(rows) <= arguments.steps and time.time() < deadline:
        time.sleep(0.5)
        if metrics.exists():
            rows = [json.loads(line) for line in metrics.read_text().splitlines() if line.endswith("}")]
    process.kill()
    problem = process.communicate()[1]
    if len(rows) <= WARM_UP_STEPS + 1:
        return {"problem": problem.strip().splitlines()[-1:] or ["too slow"]}
    first, last = rows[WARM_UP_STEPS], rows[-1]
    rate = (last["num_tokens"] - first["num_tokens"]) / (last["seconds"] - first["seconds"])
    result = {"tokens_per_second": rate, "loss": [rows[0]["loss"], last["loss"]]}
    if "mfu" in last:
        result["mfu"] = last["mfu"] / last["tokens_per_second"] * rate
    return result


def sample_seconds(arguments, model, folder, num_tokens):
    prompts = folder / "prompts.jsonl"
    prompts.write_text("".join(json.dumps({"prompt": f"A farmer has {i} apples and"}) + "\n"
                               for i in range(arguments.batch)))
    command = [arguments.caco_lm, "sample", "--model", model, "--input", prompts, "--output", folder / "replies.jsonl",
               "--device", arguments.device, "--max-batch", arguments.batch, "--max-tokens", num_tokens,
               "--temperature", 1, "--ignore-eos", "--no-repetition-stop", "--threads", os.cpu_count()]
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return time.perf_counter() - start


def measure_sampling(arguments, model, folder):
    short, long = arguments.reply_tokens // 4, arguments.reply_tokens
    seconds = [sample_seconds(arguments, model, folder, number) for number in (short, long)]
    return (long - short) * arguments.batch / (seconds[1] - seconds[0])


def torch_sampling(arguments, shape):
    """Tokens a second of a plain decoder: the same shape and batch, eager."""
    import torch
    from torch.nn import functional as F

    hidden, layers, heads, key_heads, size, inner, vocab, _, _ = shape
    is_gpu = arguments.device.startswith("cuda")
    device, dtype = ("cuda", torch.bfloat16) if is_gpu else ("cpu", torch.float32)
    torch.manual_seed(1)

    def weight(*sizes):
        return torch.randn(*sizes, device=device, dtype=dtype) * 0.02

    block = [{"qkv": weight((heads + 2 * key_heads) * size, hidden), "out": weight(hidden, heads * size),
              "gate_up": weight(2 * inner, hidden), "down": weight(hidden, inner)} for _ in range(layers)]
    embedding, norm = weight(vocab, hidden), torch.ones(hidden, device=device, dtype=dtype)
    batch, length = arguments.batch, arguments.reply_tokens + 16
    cache = torch.zeros(layers, 2, batch, key_heads, length, size, device=device, dtype=dtype)
    angles = torch.arange(length)[:, None] * 1e6 ** (-torch.arange(0, size, 2).float() / size)
    cosines = torch.cat([angles.cos()] * 2, -1).to(device, dtype)
    sines = torch.cat([angles.sin()] * 2, -1).to(device, dtype)

    def rotate(x, position):
        first, second = x.chunk(2, dim=-1)
        return x * cosines[position] + torch.cat([-second, first], -1) * sines[position]

    def step(tokens, position):
        x = F.embedding(tokens, embedding)
        for index, layer in enumerate(block):
            heads_of = F.linear(F.rms_norm(x, (hidden,), norm), layer["qkv"]).view(batch, -1, size)
            query, key, value = heads_of.split([heads, key_heads, key_heads], dim=1)
            cache[index, 0, :, :, position] = rotate(key, position)
            cache[index, 1, :, :, position] = value
            keys, values = cache[index, :, :, :, :position + 1]
            shared = rotate(query, position).view(batch, key_heads, heads // key_heads, size)
            attended = F.scaled_dot_product_attention(shared, keys, values)
            x = x + F.linear(attended.reshape(batch, -1), layer["out"])
            gate, up = F.linear(F.rms_norm(x, (hidden,), norm), layer["gate_up"]).chunk(2, dim=-1)
            x = x + F.linear(F.silu(gate) * up, layer["down"])
        logits = F.linear(F.rms_norm(x, (hidden,), norm), embedding)
        return torch.multinomial(torch.softmax(logits.float(), -1), 1)[:, 0]

    with torch.inference_mode():
        tokens = torch.zeros(batch, dtype=torch.long, device=device)
        start = None
        for position in range(length):
            if position == 16:
                if is_gpu:
                    torch.cuda.synchronize()
                start = time.perf_counter()
            tokens = step(tokens, position)
        if is_gpu:
            torch.cuda.synchronize()
    return batch * (length - 16) / (time.perf_counter() - start)


def describe_machine(device):
    import torch

    if not device.startswith("cuda"):
        return f"LibTorch on the processor, {os.cpu_count()} cores, torch {torch.__version__}", 0
    name = torch.cuda.get_device_name(0)
    peak = next((value for known, value in DENSE_BF16_TFLOPS.items() if known in name), 0)
    return f"{name}, torch {torch.__version__}", peak


def measure(arguments, name, folder, peak):
    shape = SHAPES[name]
    model = folder / "model"
    write_checkpoint(model, shape)
    row = {"shape": name, "training": measure_training(arguments, shape, model, folder, peak)}
    row["sampling"] = measure_sampling(arguments, model, folder)
    row["torch_sampling"] = torch_sampling(arguments, shape)
    return row


def to_markdown(arguments, machine, rows):
    num_devices = count_devices(arguments.train_devices)
    lines = [f"Machine: {machine}. Devices in training: {num_devices}. Batch of sampling: {arguments.batch}, replies of {arguments.reply_tokens} tokens.", "",
             "| shape | training, tokens/s | MFU | sampling, tokens/s | PyTorch, tokens/s | ratio |",
             "|---|---|---|---|---|---|"]
    for row in rows:
        training = row["training"]
        rate = f'{training["tokens_per_second"]:.0f}' if "tokens_per_second" in training else str(training["problem"])
        mfu = f'{100 * training["mfu"]:.1f} %' if "mfu" in training else "-"
        lines.append(f'| {row["shape"]} | {rate} | {mfu} | {row["sampling"]:.0f} | {row["torch_sampling"]:.0f} | '
                     f'{row["sampling"] / row["torch_sampling"]:.2f} |')
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--caco-lm", required=True, type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--train-devices", help="of the training, such as cuda:0,cuda:1 or cuda:all; --device if absent")
    parser.add_argument("--shapes", nargs="+", choices=SHAPES, default=["0.5b", "7b"])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--limit-seconds", type=float, default=240, help="of one training")
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--reply-tokens", type=int, default=256)
    parser.add_argument("--peak-tflops", type=float, default=0, help="dense bfloat16; 0: by the GPU's name")
    parser.add_argument("--markdown", type=Path, help="file that gets the table")
    arguments = parser.parse_args()
    arguments.train_devices = arguments.train_devices or arguments.device
    machine, peak = describe_machine(arguments.device)
    rows = []
    for name in arguments.shapes:
        with tempfile.TemporaryDirectory() as folder:
            rows.append(measure(arguments, name, Path(folder), arguments.peak_tflops or peak))
        print(json.dumps(rows[-1]), flush=True)
    table = to_markdown(arguments, machine, rows)
    print(table)
    if arguments.markdown:
        arguments.markdown.write_text(table)


if __name__ == "__main__":
    main()
