"""The peer of tests/interop: TRL's own trainers compute losses, gradients and ten steps on the weights and tokens given.

usage: peer.py SPEC.json OUT_FOLDER. SPEC: {policy, reference, reward, pairs: [{prompt, chosen, rejected}], mismatched,
labels, margins, experience: [{prompt, completion, advantage, old, reference}], jobs: [{name, trainer, settings, steps}]}; OUT: NAME.json {losses} and NAME.safetensors (gradients).
"""
import json
import os
import sys

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", TRL_EXPERIMENTAL_SILENCE="1")
import torch
from datasets import Dataset
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer, RLOOConfig, RLOOTrainer, SFTConfig, SFTTrainer
from trl.experimental.cpo import CPOConfig, CPOTrainer
from trl.experimental.orpo import ORPOConfig, ORPOTrainer

spec, out = json.load(open(sys.argv[1])), sys.argv[2]
tokenizer = AutoTokenizer.from_pretrained(spec["policy"])
pad = tokenizer.pad_token_id
common = dict(output_dir=out, use_cpu=True, report_to="none", bf16=False, disable_tqdm=True)
common.update(gradient_checkpointing=False, per_device_train_batch_size=2)
# Trainers want a dataset to be made; the batches come from the specification.
text = {"prompt": ["a b", "c"], "chosen": [" d", " e"], "rejected": [" f", " g"]}
single = {"prompt": ["a b", "c"], "completion": [" d", " e"], "label": [True, False]}


def causal(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")


def padded(rows, value):
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def sequences(items):
    """[(prompt, completion)] as TRL's collators lay them out."""
    return {
        "input_ids": padded([p + c for p, c in items], pad),
        "attention_mask": padded([[1] * len(p + c) for p, c in items], 0),
        "completion_mask": padded([[0] * len(p) + [1] * len(c) for p, c in items], 0),
    }


pairs = spec["pairs"]
both = [(p["prompt"], p[side]) for side in ("chosen", "rejected") for p in pairs]


def dpo(settings):
    reference = causal(spec["reference"])
    args = DPOConfig(**common, **settings)
    made = DPOTrainer(causal(spec["policy"]), reference, args, train_dataset=Dataset.from_dict(text), processing_class=tokenizer)
    return made, sequences(both)


def kto(settings):
    args = KTOConfig(**common, **settings)
    made = KTOTrainer(
        causal(spec["policy"]),
        causal(spec["reference"]),
        args,
        train_dataset=Dataset.from_dict(single),
        processing_class=tokenizer,
    )
    batch = sequences([(p["prompt"], p["chosen"]) for p in pairs])
    others = sequences([(p["prompt"], c) for p, c in zip(pairs, spec["mismatched"])])
    batch.update({f"KL_{name}": value for name, value in others.items()})
    return made, {**batch, "label": torch.tensor(spec["labels"])}


def sft(settings):
    args = SFTConfig(**common, **settings)
    made = SFTTrainer(causal(spec["policy"]), args, train_dataset=Dataset.from_dict({"text": ["a b", "c"]}), processing_class=tokenizer)
    batch = sequences([(p["prompt"], p["chosen"]) for p in pairs])
    labels = batch["input_ids"].masked_fill(batch.pop("completion_mask") == 0, -100)
    return made, {**batch, "labels": labels}


def reward(settings):
    settings = dict(settings)
    margin = settings.pop("margin", False)
    model = AutoModelForSequenceClassification.from_pretrained(
        spec["reward"], num_labels=1, dtype=torch.float32, attn_implementation="eager"
    )
    # Padding is told by id there; an id that no sequence holds.
    model.config.pad_token_id = spec["unused"]
    args = RewardConfig(**common, **settings)
    made = RewardTrainer(model, args, train_dataset=Dataset.from_dict(text), processing_class=tokenizer)
    model.config.pad_token_id = spec["unused"]
    batch = sequences(both)
    batch.pop("completion_mask")
    batch["input_ids"][batch["attention_mask"] == 0] = spec["unused"]
    return made, {**batch, "margin": torch.tensor(spec["margins"])} if margin else batch


def paired(config, trainer):
    def make(settings):
        args = config(**common, **settings)
        made = trainer(causal(spec["policy"]), args, train_dataset=Dataset.from_dict(text), processing_class=tokenizer)
        batch = {}
        for side in ("chosen", "rejected"):
            items = [(p["prompt"], p[side]) for p in pairs]
            laid = sequences(items)
            batch[f"{side}_input_ids"], batch[f"{side}_attention_mask"] = laid["input_ids"], laid["attention_mask"]
            batch[f"{side}_labels"] = laid["input_ids"].masked_fill(laid["completion_mask"] == 0, -100)
        prompts = [p["prompt"] for p in pairs]
        batch["prompt_input_ids"] = padded(prompts, pad)
        batch["prompt_attention_mask"] = padded([[1] * len(p) for p in prompts], 0)
        return made, batch

    return make


def sampled(config, trainer):
    """Answers as those trainers have them after scoring: prompts padded on the left, what is known of tokens beside them."""

    def make(settings):
        sizes = {**common, "per_device_train_batch_size": 4, "num_generations": 2, "max_completion_length": 16}
        made = trainer(
            model=causal(spec["policy"]),
            reward_funcs=lambda completions, **_: [0.0] * len(completions),
            args=config(**sizes, **settings),
            train_dataset=Dataset.from_dict({"prompt": ["a b", "c", "d", "e"]}),
            processing_class=tokenizer,
        )
        made.current_gradient_accumulation_steps = 1
        own = spec["experience"]
        completions = [e["completion"] for e in own]
        width = max(len(e["prompt"]) for e in own)
        left = lambda row, value: [value] * (width - len(row)) + row
        old = padded([e["old"] for e in own], 0.0)
        return made, {
            "prompt_ids": torch.tensor([left(e["prompt"], pad) for e in own]),
            "prompt_mask": torch.tensor([left([1] * len(e["prompt"]), 0) for e in own]),
            "completion_ids": padded(completions, pad),
            "completion_mask": padded([[1] * len(c) for c in completions], 0),
            "advantages": torch.tensor([e["advantage"] for e in own]),
            "old_per_token_logps": old,
            "old_logps": old.sum(1),
            "ref_per_token_logps": padded([e["reference"] for e in own], 0.0),
            "num_items_in_batch": torch.tensor(sum(map(len, completions))),
        }

    return make


makers = {
    "dpo": dpo,
    "kto": kto,
    "sft": sft,
    "reward": reward,
    "cpo": paired(CPOConfig, CPOTrainer),
    "orpo": paired(ORPOConfig, ORPOTrainer),
    "grpo": sampled(GRPOConfig, GRPOTrainer),
    "rloo": sampled(RLOOConfig, RLOOTrainer),
}

for job in spec["jobs"]:
    trainer, batch = makers[job["trainer"]](job["settings"])
    model = trainer.model
    model.train()  # no dropout in these models
    # Where padding is end-of-text, transformers lets no gradient through that token as an input. Ours are real tokens.
    model.get_input_embeddings().padding_idx = None
    optimizer = torch.optim.AdamW(model.parameters(), lr=spec["rate"], betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    losses = []
    for step in range(job["steps"]):
        optimizer.zero_grad()
        loss = trainer.compute_loss(model, dict(batch))
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            grads = {n: p.grad.contiguous() for n, p in model.named_parameters() if p.grad is not None}
            save_file(grads, os.path.join(out, f"{job['name']}.safetensors"))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    json.dump({"losses": losses}, open(os.path.join(out, f"{job['name']}.json"), "w"))
