"""Takes the same steps as ours.ts with TRL's trainers: a setup line in, then one line for each step."""

import json
import os
import resource
import sys
import tempfile
import time
import warnings

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TRL_EXPERIMENTAL_SILENCE="1", TQDM_DISABLE="1")
import tokenizers
import torch
import transformers
import trl
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, PreTrainedTokenizerFast

warnings.filterwarnings("ignore")
setup = json.loads(sys.stdin.readline())
torch.set_num_threads(setup["threads"])
transformers.logging.set_verbosity_error()
task, batches, rate = setup["task"], setup["batches"], setup["learningRate"]
PAD = 0

# Trainers want a dataset and a tokenizer to be made; the batches come from the setup.
words = {word: i for i, word in enumerate(["<pad>", "a", "b", "c"])}
inner = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="a"))
tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<pad>", eos_token="<pad>", unk_token="a")
text = {"prompt": ["a", "b"], "chosen": ["b", "c"], "rejected": ["c", "a"]}
common = dict(output_dir=tempfile.mkdtemp(), use_cpu=True, report_to="none", bf16=False, disable_tqdm=True)
common.update(gradient_checkpointing=False, per_device_train_batch_size=2, learning_rate=rate)


def load(kind, **more):
    return kind.from_pretrained(setup["folder"], dtype=torch.float32, **more)


def padded(rows, value):
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def sequences(items):
    return {
        "input_ids": padded([p + c for p, c in items], PAD),
        "attention_mask": padded([[1] * len(p + c) for p, c in items], 0),
        "completion_mask": padded([[0] * len(p) + [1] * len(c) for p, c in items], 0),
    }


def both(batch):
    return sequences([(p["prompt"], p[side]) for side in ("chosen", "rejected") for p in batch])


def dpo():
    model = load(AutoModelForCausalLM)
    if task == "frozen":
        for name, weight in model.named_parameters():
            weight.requires_grad_("norm" in name)
    args = trl.DPOConfig(**common, beta=setup["beta"], precompute_ref_log_probs=True)
    made = trl.DPOTrainer(model, None, args, train_dataset=Dataset.from_dict(text), processing_class=tokenizer)
    out = []
    for batch in map(both, batches):
        with torch.no_grad():
            labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)
            logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, :-1]
            own = torch.log_softmax(logits, -1).gather(2, batch["input_ids"][:, 1:, None])[..., 0]
            sums = (own * (labels[:, 1:] != -100)).sum(1)
        chosen, rejected = sums.chunk(2)
        out.append({**batch, "ref_chosen_logps": chosen, "ref_rejected_logps": rejected})
    return made, out


def reward():
    model = load(AutoModelForSequenceClassification, num_labels=1)
    args = trl.RewardConfig(**common, center_rewards_coefficient=0.01)
    made = trl.RewardTrainer(model, args, train_dataset=Dataset.from_dict(text), processing_class=tokenizer)
    out = []
    for batch in map(both, batches):
        batch.pop("completion_mask")
        out.append(batch)
    return made, out


def sft():
    args = trl.SFTConfig(**common)
    single = Dataset.from_dict({"text": ["a b", "c"]})
    made = trl.SFTTrainer(load(AutoModelForCausalLM), args, train_dataset=single, processing_class=tokenizer)
    out = []
    for batch in batches:
        one = sequences([(p["prompt"], p["chosen"]) for p in batch])
        labels = one["input_ids"].masked_fill(one.pop("completion_mask") == 0, -100)
        out.append({**one, "labels": labels})
    return made, out


trainer, inputs = {"dpo": dpo, "frozen": dpo, "reward": reward, "sft": sft}[task]()
model = trainer.model.train()
weights = [w for w in model.parameters() if w.requires_grad]
optimizer = torch.optim.AdamW(weights, lr=rate, weight_decay=0.0, fused=True)


def gradients(batch):
    loss = trainer.compute_loss(model, dict(batch))
    loss.backward()
    return loss


def fastest():
    """The best of some settings for a batch's gradients, left in place, and what each took."""
    tried = []
    for attention in ("sdpa", "eager"):
        for threads in sorted({setup["threads"], 1}, reverse=True):
            model.set_attn_implementation(attention)
            torch.set_num_threads(threads)
            times = []
            for _ in range(3):
                begun = time.perf_counter()
                gradients(inputs[len(inputs) // 2])
                times.append(time.perf_counter() - begun)
                optimizer.zero_grad(set_to_none=True)
            tried.append((min(times[1:]), attention, threads))
    _, attention, threads = min(tried)
    model.set_attn_implementation(attention)
    torch.set_num_threads(threads)
    return ", ".join(f"{attention} with {threads} threads {1000 * s:.0f} ms" for s, attention, threads in tried)


settings = fastest()
versions = f"torch {torch.__version__}, transformers {transformers.__version__}, TRL {trl.__version__}"
places = sum(batch["input_ids"].numel() for batch in inputs)
print(json.dumps({"versions": f"{versions}; tried {settings}", "places": places}), flush=True)
for line in sys.stdin:
    batch = inputs[json.loads(line)["batch"]]
    begun, used = time.perf_counter(), time.process_time()
    loss = gradients(batch)
    torch.nn.utils.clip_grad_norm_(weights, 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    value = loss.item()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"seconds": seconds, "cpuSeconds": cpu, "loss": value, "peakBytes": peak}), flush=True)
