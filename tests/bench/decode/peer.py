"""Answers the same requests as ours.ts with transformers' generate: one JSON line in, one out."""

import json
import resource
import sys
import time

import torch
import transformers

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
transformers.logging.set_verbosity_error()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
print(json.dumps({"versions": f"torch {torch.__version__}, transformers {transformers.__version__}"}), flush=True)


def answer(ids, new_tokens, sample):
    settings = {"do_sample": True, "temperature": 1.0, "top_k": 0, "top_p": 1.0} if sample else {"do_sample": False}
    begun = time.perf_counter()
    with torch.inference_mode():
        out = model.generate(
            torch.tensor(ids),
            attention_mask=torch.ones(len(ids), len(ids[0]), dtype=torch.long),
            max_new_tokens=new_tokens,
            min_new_tokens=new_tokens,
            pad_token_id=0,
            **settings,
        )
    return time.perf_counter() - begun, out[:, len(ids[0]) :].tolist()


for line in sys.stdin:
    request = json.loads(line)
    seconds, tokens = answer(request["ids"], request["newTokens"], request["sample"])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "tokens": tokens, "peakBytes": peak}), flush=True)
