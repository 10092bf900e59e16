"""Logits of adapters under PEFT. usage: adapters.py SPEC.json, a list of {base, adapter}; ids as in the test. Answers with JSON."""
import json
import os
import sys

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1")
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

spec = json.load(open(sys.argv[1]))
ids = torch.tensor([spec["ids"]])
answers = []
for case in spec["cases"]:
    reward = case.get("head") == "reward"
    kind, more = (AutoModelForSequenceClassification, {"num_labels": 1}) if reward else (AutoModelForCausalLM, {})
    base = kind.from_pretrained(case["base"], dtype=torch.float32, attn_implementation="eager", **more).eval()
    model = PeftModel.from_pretrained(base, case["adapter"]).eval()
    with torch.no_grad():
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0]
    if reward:
        answers.append(logits.flatten().tolist())
        continue
    # A prompt's own places come first.
    answers.append(logits[-ids.shape[1] :].flatten().tolist())
json.dump(answers, sys.stdout)
