"""Adapters that PEFT makes and saves, and their logits. usage: peftWriter.py SPEC.json: {ids, cases: [{base, kind, out}]}. Answers with JSON."""
import json
import os
import sys

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1")
import torch
from peft import LoraConfig, PrefixTuningConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM

spec = json.load(open(sys.argv[1]))
ids = torch.tensor([spec["ids"]])


def config(kind, gpt2):
    some = ["c_attn", "c_fc"] if gpt2 else ["q_proj", "v_proj", "down_proj"]
    every = ["c_attn", "c_proj", "c_fc"] if gpt2 else ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    lora = dict(r=3, lora_alpha=5, task_type="CAUSAL_LM", fan_in_fan_out=gpt2, target_modules=every)
    ahead = dict(num_virtual_tokens=4, task_type="CAUSAL_LM")
    return {
        "LoRA": lambda: LoraConfig(**lora),
        "LoRA on some projections": lambda: LoraConfig(**{**lora, "target_modules": some}),
        "rsLoRA": lambda: LoraConfig(**lora, use_rslora=True),
        "DoRA": lambda: LoraConfig(**lora, use_dora=True),
        "prompt": lambda: PromptTuningConfig(**ahead),
        "prefix": lambda: PrefixTuningConfig(**ahead),
        "prefix through a network": lambda: PrefixTuningConfig(**ahead, prefix_projection=True, encoder_hidden_size=24),
    }[kind]()


answers = []
for case in spec["cases"]:
    torch.manual_seed(7)
    base = AutoModelForCausalLM.from_pretrained(case["base"], dtype=torch.float32, attn_implementation="eager")
    model = get_peft_model(base, config(case["kind"], base.config.model_type == "gpt2")).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.05 * torch.randn_like(parameter))
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
    model.save_pretrained(case["out"])
    # A prompt's own places come first.
    answers.append(logits[-ids.shape[1] :].flatten().tolist())
json.dump(answers, sys.stdout)
