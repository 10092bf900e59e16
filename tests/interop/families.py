"""The peer of families.test.ts. usage: families.py FOLDER.

FOLDER/spec.json: {"names": [...], "ids": [...]}. For each folder FOLDER/NAME saved by Tiebreak: its log-probabilities under
transformers go to FOLDER/answers.json, and a model of that configuration with weights made here is saved as
FOLDER/theirs-NAME (in several files; every other one as bfloat16), with its log-probabilities.
"""

import json
import os
import shutil
import sys

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1")
import torch
from transformers import AutoConfig, AutoModelForCausalLM

folder = sys.argv[1]
spec = json.load(open(os.path.join(folder, "spec.json")))
ids = torch.tensor([spec["ids"]])


def log_probs(model):
    with torch.no_grad():
        out = torch.log_softmax(model.eval()(ids).logits[0].double(), -1)
    return [out[i, ids[0, i + 1]].item() for i in range(ids.shape[1] - 1)]


answers = {}
for n, name in enumerate(spec["names"]):
    ours, theirs = os.path.join(folder, name), os.path.join(folder, f"theirs-{name}")
    model, info = AutoModelForCausalLM.from_pretrained(ours, dtype=torch.float32, output_loading_info=True)
    unread = {key: sorted(info[key]) for key in ("missing_keys", "unexpected_keys") if info[key]}
    assert not unread, f"{name}: {unread}"
    torch.manual_seed(n)
    made = AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(ours), dtype=torch.float32)
    for parameter in made.parameters():
        parameter.data = parameter.data * 12 if parameter.dim() > 1 else parameter.data + 0.3 * torch.randn_like(parameter)
        if n % 2:  # the parameters alone: RoPE's frequencies stay float32
            parameter.data = parameter.data.to(torch.bfloat16).to(torch.float32)
    expected = log_probs(made)
    (made.to(torch.bfloat16) if n % 2 else made).save_pretrained(theirs, max_shard_size="10KB")
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(ours, file), theirs)
    answers[name] = {"ours": log_probs(model), "theirs": expected, "type": type(model).__name__}
json.dump(answers, open(os.path.join(folder, "answers.json"), "w"))
