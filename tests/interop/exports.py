"""The peer of tests/interop/exports: our exports read by the loaders they are meant for.

usage: exports.py SPEC.json. SPEC: {folders: [{name, format, file, path}], loaders, out}; OUT: NAME.json. `loaders` (or "")
is a folder where pip installed llamafactory and openrlhf without their dependencies: of both, the modules that read data
are run as they are, past package __init__ files that import trainers.
"""
import json
import os
import sys
import types

os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1")
from datasets import disable_progress_bars, load_dataset
from trl.data_utils import extract_prompt, is_conversational, unpair_preference_dataset

disable_progress_bars()
spec = json.load(open(sys.argv[1]))
os.environ["HF_HOME"] = os.path.join(spec["out"], "hub")
cache = os.path.join(spec["out"], "cache")


def bare(*names):
    for name in names:
        module = types.ModuleType(name)
        module.__path__ = [os.path.join(spec["loaders"], *name.split("."))]
        sys.modules[name] = module


def trl(format, rows):
    if format in ("trl-implicit", "hh-rlhf"):
        return {"prompts": [extract_prompt(row) for row in rows], "conversational": is_conversational(rows[0])}
    if format in ("trl-standard", "trl-conversational"):
        return {"unpaired": list(unpair_preference_dataset(rows)), "conversational": is_conversational(rows[0])}
    return None


def llamafactory(path):
    bare("llamafactory", "llamafactory.data")
    from llamafactory.data.converter import get_dataset_converter
    from llamafactory.data.parser import get_dataset_list

    names = list(json.load(open(os.path.join(path, "dataset_info.json"))))
    out = {}
    for name, attr in zip(names, get_dataset_list(names, path)):
        rows = load_dataset("json", data_files=os.path.join(path, attr.dataset_name), split="train", cache_dir=cache)
        convert = get_dataset_converter(attr.formatting, attr, types.SimpleNamespace(media_dir=path))
        out[name] = {"ranking": attr.ranking, "rows": [convert(row) for row in rows]}
    return out


def openrlhf(rows):
    bare("openrlhf", "openrlhf.datasets", "openrlhf.utils")
    from openrlhf.datasets.reward_dataset import preprocess_data

    def template(messages, tokenize, add_generation_prompt=False):
        text = "".join(f"<{m['role']}>{m['content']}</>" for m in messages)
        return text + ("<assistant>" if add_generation_prompt else "")

    return [preprocess_data(row, prompt_key="prompt", apply_chat_template=template, is_dpo=True) for row in rows]


for folder in spec["folders"]:
    name, format, path = folder["name"], folder["format"], folder["path"]
    loaded = load_dataset(path, cache_dir=cache)
    told = {"splits": {split: list(rows) for split, rows in loaded.items()}}
    told["trl"] = trl(format, loaded["train"]) if folder["file"] != "csv" else None
    if spec["loaders"] and folder["file"] == "jsonl":
        if format.startswith("llamafactory"):
            told["llamafactory"] = llamafactory(path)
        if format == "openrlhf":
            told["openrlhf"] = openrlhf(loaded["train"])
    with open(os.path.join(spec["out"], f"{name}.json"), "w") as file:
        json.dump(told, file, default=str)
