"""The peer of lm_decode_bench: the same greedy decoding in plain PyTorch with a key/value cache.

    python3 bench/lm_decode_peer.py [--model models/embedded] [--threads 2] [--prompt 100] [--reply 200] [batch ...]

The same weights, prompts, lengths and number of sequences as the benchmark in C++, on the same number of threads: `batch` sequences
grow at a time, four rounds of them. Float32, a cache that is allocated once, scaled_dot_product_attention, no gradients; what
someone writes who knows PyTorch and writes no kernels. Needs the package torch only.
"""

import argparse
import json
import os
import pathlib
import struct
import time

import torch
import torch.nn.functional as F

ROUNDS = 4


def read_safetensors(path):
    """Returns name -> float32 tensor. Layout: 8 bytes of header length, the header as JSON, the data."""
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    kinds = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
    tensors = {}
    for name, entry in json.loads(data[8:8 + length]).items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            flat = torch.frombuffer(bytearray(data[begin:end]), dtype=kinds[entry["dtype"]])
            tensors[name] = flat.reshape(entry["shape"]).float()
    return tensors


def rms_norm(x, weight, eps):
    return F.rms_norm(x, (x.shape[-1],), weight, eps)


def rotate(x, cosines, sines):
    low, high = x.chunk(2, -1)
    return x * cosines + torch.cat((-high, low), -1) * sines


class Llama:
    def __init__(self, folder, max_batch, capacity):
        self.config = config = json.loads((pathlib.Path(folder) / "config.json").read_text())
        weights = read_safetensors(pathlib.Path(folder) / "model.safetensors")
        self.heads, self.kv_heads, self.size = config["num_attention_heads"], config["num_key_value_heads"], config["head_dim"]
        self.embedding = weights["model.embed_tokens.weight"]
        self.head = weights.get("lm_head.weight", self.embedding)
        self.norm = weights["model.norm.weight"]
        self.layers = []
        for i in range(config["num_hidden_layers"]):
            layer = {name.removeprefix(f"model.layers.{i}."): w for name, w in weights.items() if name.startswith(f"model.layers.{i}.")}
            joint = torch.cat([layer[f"self_attn.{part}_proj.weight"] for part in "qkv"])
            gate_up = torch.cat([layer["mlp.gate_proj.weight"], layer["mlp.up_proj.weight"]])
            shape = (max_batch, self.kv_heads, capacity, self.size)
            self.layers.append((layer, joint, gate_up, torch.zeros(shape), torch.zeros(shape)))
        frequencies = config["rope_theta"] ** (-torch.arange(0, self.size, 2).double() / self.size)
        angles = torch.outer(torch.arange(capacity).double(), frequencies).repeat(1, 2)
        self.cosines, self.sines = angles.cos().float(), angles.sin().float()

    def forward(self, tokens, position):
        """Takes tokens [B, T] at `position`; returns the logits of the last one, [B, V]."""
        batch, length = tokens.shape
        eps, end = self.config["rms_norm_eps"], position + length
        cosines, sines = self.cosines[position:end], self.sines[position:end]
        x = F.embedding(tokens, self.embedding)
        for layer, joint, gate_up, keys, values in self.layers:
            heads = F.linear(rms_norm(x, layer["input_layernorm.weight"], eps), joint).view(batch, length, -1, self.size).transpose(1, 2)
            q, k, v = heads.split((self.heads, self.kv_heads, self.kv_heads), 1)
            q, k = rotate(q, cosines, sines), rotate(k, cosines, sines)
            keys[:batch, :, position:end] = k
            values[:batch, :, position:end] = v
            attended = F.scaled_dot_product_attention(q, keys[:batch, :, :end], values[:batch, :, :end], is_causal=length > 1,
                                                      enable_gqa=self.heads != self.kv_heads)
            x = x + F.linear(attended.transpose(1, 2).reshape(batch, length, -1), layer["self_attn.o_proj.weight"])
            gate, up = F.linear(rms_norm(x, layer["post_attention_layernorm.weight"], eps), gate_up).chunk(2, -1)
            x = x + F.linear(F.silu(gate) * up, layer["mlp.down_proj.weight"])
        return F.linear(rms_norm(x[:, -1], self.norm, eps), self.head)

    def generate(self, prompts, num_tokens):
        """Returns the replies, [B, num_tokens]."""
        tokens = self.forward(prompts, 0).argmax(-1, keepdim=True)
        replies = [tokens]
        for position in range(prompts.shape[1], prompts.shape[1] + num_tokens - 1):
            tokens = self.forward(tokens, position).argmax(-1, keepdim=True)
            replies.append(tokens)
        return torch.cat(replies, 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="models/embedded")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt", type=int, default=100, help="tokens")
    parser.add_argument("--reply", type=int, default=200, help="tokens")
    parser.add_argument("batches", nargs="*", type=int, default=[1, 8, 32, 128])
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    with torch.inference_mode():
        model = Llama(arguments.model, max(arguments.batches), arguments.prompt + arguments.reply)
        vocabulary = model.embedding.shape[0]

        def prompts(first, count):
            steps = torch.arange(arguments.prompt) * 17
            return torch.stack([3 + (index * 31 + steps) % (vocabulary - 3) for index in range(first, first + count)])

        print(f"torch {torch.__version__}, {arguments.threads} threads, prompt {arguments.prompt}, reply {arguments.reply}, "
              f"load {os.getloadavg()[0]:.1f}")
        print("first reply:", *model.generate(prompts(0, 1), 12)[0].tolist())
        for batch in arguments.batches:
            cpu, wall = time.process_time(), time.perf_counter()
            for i in range(ROUNDS):
                model.generate(prompts(i * batch, batch), arguments.reply)
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            count = ROUNDS * batch * arguments.reply
            print(f"batch {batch:4d}  {count / wall:9.0f} tokens/s  {count / cpu:9.0f} tokens/s of processor time  ({count} tokens)",
                  flush=True)


if __name__ == "__main__":
    main()
