"""Makes parity.json: logits, losses and gradients of small models by transformers.

The models' weights come from a formula that caco/lm/parity_test.cpp repeats, so that no weights are
stored: value i of weight NAME is a uniform number made by SplitMix64 from the name's FNV-1a hash
and i, scaled by the kind of weight. Run once, when a case is added:

    python3 -m venv venv && venv/bin/pip install torch transformers
    venv/bin/python caco/lm/golden/make_golden.py

With the names of folders as arguments it checks the other direction instead: each folder is a
checkpoint that parity_test wrote (CACO_PARITY_OUT=DIR lm_parity_test leaves them in DIR), which
transformers must load without a missing or unexpected weight and give the stored logits.
"""
import json
import math
import pathlib
import sys
import tempfile

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM

HERE = pathlib.Path(__file__).resolve().parent
NUM_TOKENS = 40
KEPT_POSITIONS = [0, 1, 7, 19, 31, 39]
MASK = (1 << 64) - 1

SIZES = dict(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
             max_position_embeddings=256, hidden_act="silu", rms_norm_eps=1e-6,
             bos_token_id=1, eos_token_id=2, initializer_range=0.02)
LLAMA = dict(SIZES, architectures=["LlamaForCausalLM"], model_type="llama")
QWEN2 = dict(SIZES, architectures=["Qwen2ForCausalLM"], model_type="qwen2",
             use_sliding_window=False, sliding_window=128, max_window_layers=2)
QWEN3 = dict(SIZES, architectures=["Qwen3ForCausalLM"], model_type="qwen3")

# The texts of config.json, in old and new spellings.
CASES = {
    "llama": dict(LLAMA, num_attention_heads=4, num_key_value_heads=4, rope_theta=10000.0,
                  tie_word_embeddings=False, torch_dtype="float32"),
    "llama tied, wide heads": dict(LLAMA, num_attention_heads=4, num_key_value_heads=1,
                                   head_dim=16, rope_theta=500000.0, tie_word_embeddings=True),
    "llama with biases": dict(LLAMA, num_attention_heads=4, num_key_value_heads=2,
                              attention_bias=True, mlp_bias=True, rope_theta=10000.0,
                              tie_word_embeddings=False),
    "llama, llama3 rope": dict(LLAMA, num_attention_heads=4, num_key_value_heads=2,
                               head_dim=16, rope_theta=500000.0, tie_word_embeddings=True,
                               eos_token_id=[2, 3], rope_scaling=dict(
                                   rope_type="llama3", factor=8.0, low_freq_factor=1.0,
                                   high_freq_factor=4.0, original_max_position_embeddings=64)),
    "llama, llama3 rope, new names": dict(LLAMA, num_attention_heads=4, num_key_value_heads=2,
                                          tie_word_embeddings=False, dtype="float32",
                                          rope_parameters=dict(
                                              rope_type="llama3", rope_theta=10000.0, factor=32.0,
                                              low_freq_factor=1.0, high_freq_factor=4.0,
                                              original_max_position_embeddings=32)),
    "llama, linear rope": dict(LLAMA, num_attention_heads=4, num_key_value_heads=4,
                               rope_theta=10000.0, tie_word_embeddings=False,
                               rope_scaling=dict(type="linear", factor=4.0)),
    "llama, yarn": dict(LLAMA, num_attention_heads=4, num_key_value_heads=2, head_dim=16,
                        rope_theta=10000.0, tie_word_embeddings=False, rope_scaling=dict(
                            rope_type="yarn", factor=8.0, original_max_position_embeddings=32)),
    "llama, yarn, attention factor": dict(LLAMA, num_attention_heads=2, num_key_value_heads=1,
                                          tie_word_embeddings=True, rope_parameters=dict(
                                              rope_type="yarn", rope_theta=1000.0, factor=4.0,
                                              original_max_position_embeddings=64, beta_fast=16.0,
                                              beta_slow=2.0, attention_factor=0.8,
                                              truncate=False)),
    "llama, yarn, mscale": dict(LLAMA, num_attention_heads=2, num_key_value_heads=2,
                                tie_word_embeddings=True, rope_theta=10000.0, rope_scaling=dict(
                                    rope_type="yarn", factor=16.0, mscale=0.7, mscale_all_dim=1.1,
                                    original_max_position_embeddings=16)),
    "qwen2": dict(QWEN2, num_attention_heads=4, num_key_value_heads=2, rope_theta=1000000.0,
                  tie_word_embeddings=False, torch_dtype="bfloat16"),
    "qwen2 tied, yarn": dict(QWEN2, num_attention_heads=2, num_key_value_heads=1,
                             rope_theta=1000000.0, tie_word_embeddings=True, rope_scaling=dict(
                                 type="yarn", factor=4.0, original_max_position_embeddings=64)),
    "qwen3 tied": dict(QWEN3, num_attention_heads=4, num_key_value_heads=2, head_dim=16,
                       rope_theta=1000000.0, tie_word_embeddings=True, attention_bias=False),
    "qwen3 with biases": dict(QWEN3, num_attention_heads=4, num_key_value_heads=4, head_dim=12,
                              rope_parameters=dict(rope_type="default", rope_theta=1000000.0),
                              tie_word_embeddings=False, attention_bias=True),
}


def mix(value):
    """SplitMix64's output function."""
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


def uniform_values(name, count):
    """Numbers in [-1, 1), multiples of 2^-23: the same in every language."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & MASK
    return [(mix((seed + i) & MASK) >> 40) / 8388608.0 - 1.0 for i in range(count)]


def weight_values(name, shape):
    """A matrix [out, in] is scaled by 2 / sqrt(in), the embedding by 1; a norm is around 1."""
    values = torch.tensor(uniform_values(name, math.prod(shape)), dtype=torch.float64)
    if name.endswith("norm.weight"):
        values = 1.0 + 0.5 * values
    elif name.endswith(".bias"):
        values = 0.5 * values
    elif name != "model.embed_tokens.weight":
        values = 2.0 * values / math.sqrt(shape[1])
    return values.to(torch.float32).reshape(shape)


def token_ids():
    return [(i * i * 7 + i * 3 + 11) % 64 for i in range(NUM_TOKENS)]


def load_config(config):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "config.json").write_text(json.dumps(config))
        return AutoConfig.from_pretrained(folder)


def build(config):
    model = AutoModelForCausalLM.from_config(load_config(config), dtype=torch.float32,
                                             attn_implementation="eager")
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for name, parameter in parameters.items():
            parameter.copy_(weight_values(name, list(parameter.shape)))
    return model.train()


def rounded(values):
    return [float(f"{value:.8g}") for value in values]


def run_case(config):
    model = build(config)
    ids = torch.tensor([token_ids()])
    logits = model(ids).logits[0]
    loss = torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:], reduction="sum")
    loss.backward()
    weights = {}
    for name, parameter in model.named_parameters():
        probe = torch.tensor(uniform_values("probe " + name, parameter.numel()),
                             dtype=torch.float64)
        gradient = parameter.grad.double().flatten()
        weights[name] = {"shape": list(parameter.shape),
                         "gradient_dot_probe": rounded([float(gradient @ probe)])[0],
                         "gradient_norm": rounded([float(gradient.norm())])[0]}
    kept = {str(position): rounded(logits[position].tolist()) for position in KEPT_POSITIONS}
    return {"config": config, "loss": rounded([float(loss.detach())])[0], "logits": kept, "weights": weights}


def check_folder(folder, cases):
    name = (folder / "case.txt").read_text().strip()
    model, info = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    problems = [key for key, value in info.items() if value]
    with torch.no_grad():
        logits = model(torch.tensor([token_ids()])).logits[0]
    worst = max(abs(a - b) for position, row in cases[name]["logits"].items()
                for a, b in zip(logits[int(position)].tolist(), row))
    print(f"{name}: largest difference {worst:.2e}", *problems)
    return worst < 1e-4 and not problems


def main():
    path = HERE / "parity.json"
    torch.manual_seed(0)
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        cases = json.loads(path.read_text())["cases"]
        results = [check_folder(pathlib.Path(folder), cases) for folder in sys.argv[1:]]
        sys.exit(0 if all(results) else 1)
    cases = {name: run_case(config) for name, config in CASES.items()}
    versions = f"transformers {transformers.__version__}, torch {torch.__version__}"
    text = json.dumps({"made_by": versions, "tokens": token_ids(), "cases": cases},
                      separators=(",", ":"))
    path.write_text(text.replace('"weights":', '\n"weights":').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
