"""Reads {"folder", "texts"} from stdin; answers with each text's token ids and their log-probabilities under transformers."""

import json
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

request = json.load(sys.stdin)
tokenizer = AutoTokenizer.from_pretrained(request["folder"])
model = AutoModelForCausalLM.from_pretrained(request["folder"], dtype=torch.float32).eval()
answers = []
for text in request["texts"]:
    ids = [tokenizer.bos_token_id] + tokenizer(text, add_special_tokens=False)["input_ids"]
    with torch.no_grad():
        log_probs = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), -1)
    answers.append({"ids": ids, "logProbs": [log_probs[i, ids[i + 1]].item() for i in range(len(ids) - 1)]})
json.dump(answers, sys.stdout)
