"""Checks adapters against PEFT, both ways: `check_adapter.py CACO_LM FOLDER` (by hand; needs torch,
transformers and peft).

Makes small random models and PEFT adapters in FOLDER, merges each with `CACO_LM merge`, and compares
the logits with PEFT's own. With `--adapter FOLDER --model FOLDER` it loads one adapter, written by
caco-lm, into PEFT, merges it there and with CACO_LM, and compares those.
"""
import argparse
import pathlib
import subprocess
import sys

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM

SHAPE = dict(vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
             num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=128,
             bos_token_id=1, eos_token_id=2)
CASES = {
    "qwen2": (dict(model_type="qwen2"), dict(r=4, lora_alpha=8, target_modules="all-linear")),
    "qwen3-rs": (dict(model_type="qwen3", head_dim=16),
                 dict(r=8, lora_alpha=16, use_rslora=True, target_modules=["q_proj", "v_proj"])),
    "llama-patterns": (dict(model_type="llama", tie_word_embeddings=True),
                       dict(r=4, lora_alpha=8, target_modules=["q_proj", "down_proj", "up_proj"],
                            rank_pattern={"down_proj": 2},
                            alpha_pattern={"layers.1.self_attn.q_proj": 5})),
}


def logits_of(model):
    with torch.no_grad():
        return model.eval()(torch.arange(48).reshape(1, 48) % 64).logits[0]


def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def compare(name, caco_lm, model_folder, adapter_folder):
    """The model with the adapter in PEFT, against the merged folder that caco-lm leaves."""
    with_adapter = logits_of(PeftModel.from_pretrained(load(model_folder), adapter_folder))
    out = adapter_folder.parent / (adapter_folder.name + "-merged")
    subprocess.run([caco_lm, "merge", "--model", model_folder, "--adapter", adapter_folder,
                    "--out", out, "--dtype", "float32"], check=True)
    worst = (logits_of(load(out)) - with_adapter).abs().max().item()
    change = (logits_of(load(model_folder)) - with_adapter).abs().max().item()
    print(f"{name}: largest difference {worst:.2e}, the adapter itself changes {change:.2e}")
    return worst < 1e-4 and change > 1e-2


def make_case(folder, shape, options):
    torch.manual_seed(7)
    config = AutoConfig.for_model(**SHAPE, **shape, initializer_range=0.3)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    model.save_pretrained(folder / "model")
    adapted = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **options))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_" in name:
                parameter.normal_(0, 0.2)
    adapted.save_pretrained(folder / "adapter")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("caco_lm")
    parser.add_argument("folder", nargs="?", type=pathlib.Path)
    parser.add_argument("--adapter", type=pathlib.Path)
    parser.add_argument("--model", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.adapter:
        sys.exit(not compare("given", arguments.caco_lm, arguments.model, arguments.adapter))
    results = []
    for name, (shape, options) in CASES.items():
        folder = arguments.folder / name
        make_case(folder, shape, options)
        results.append(compare(name, arguments.caco_lm, folder / "model", folder / "adapter"))
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
