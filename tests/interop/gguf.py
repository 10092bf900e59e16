"""The peer of gguf.test.ts. usage: gguf.py FOLDER.

Writes FOLDER/NAME/model.gguf for a random model of each architecture with PyPI's gguf, its logits under transformers loading
that very file beside it; and FOLDER/blocks.json: random blocks of every quantisation with what the reference makes of them.
"""

import base64
import json
import os
import sys

sys.path.pop(0)  # this file's name is the library's
os.environ.update(CUDA_VISIBLE_DEVICES="", HF_HUB_OFFLINE="1")
import gguf
import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder = sys.argv[1]
spec = json.load(open(os.path.join(folder, "spec.json")))
rng = np.random.default_rng(7)
width, layers, heads, kv, vocab = 64, 2, 4, 2, len(spec["tokens"])
types = [gguf.GGMLQuantizationType[name] for name in ("Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "F16", "BF16", "F32")]


def write(arch, quantised):
    gpt2 = arch == "gpt2"
    head = 128 if arch == "qwen3" else width // heads  # transformers takes no other size from a Qwen 3 file
    # Of GPT-2 transformers takes its own context and width whatever the file says.
    middle, context = (4 * width, 1024) if gpt2 else (96, 128)
    path = os.path.join(folder, arch + ("-quantised" if quantised else ""))
    os.makedirs(path)
    w = gguf.GGUFWriter(os.path.join(path, "model.gguf"), arch)
    w.add_context_length(context)
    w.add_embedding_length(width)
    w.add_block_count(layers)
    w.add_feed_forward_length(middle)
    w.add_head_count(heads)
    w.add_vocab_size(vocab)
    if gpt2:
        w.add_layer_norm_eps(1e-5)
    else:
        w.add_head_count_kv(kv)
        w.add_layer_norm_rms_eps(1e-5)
        w.add_rope_freq_base(10000.0)
        w.add_rope_dimension_count(head)
    if arch == "qwen3":
        w.add_key_length(head)
        w.add_value_length(head)
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("gpt-2")
    w.add_token_list(spec["tokens"])
    w.add_token_types([3 if t == "<|endoftext|>" else 1 for t in spec["tokens"]])
    w.add_token_merges(spec["merges"])
    w.add_bos_token_id(vocab - 1)
    w.add_eos_token_id(vocab - 1)
    count = 0

    def tensor(name, *shape):
        nonlocal count
        one = len(shape) == 1
        data = (1 + 0.2 * rng.standard_normal(shape) if one and "norm" in name else 0.25 * rng.standard_normal(shape)).astype(np.float32)
        kind = types[count % len(types)] if quantised and not one and "position" not in name else gguf.GGMLQuantizationType.F32
        count += 0 if one else 1
        w.add_tensor(name, gguf.quants.quantize(data, kind), raw_dtype=kind)

    def linear(name, output, input, bias):
        tensor(f"{name}.weight", output, input)
        if bias:
            tensor(f"{name}.bias", output)

    def norm(name, size=width):
        tensor(f"{name}.weight", size)
        if gpt2:
            tensor(f"{name}.bias", size)

    tensor("token_embd.weight", vocab, width)
    if gpt2:
        tensor("position_embd.weight", context, width)
    for i in range(layers):
        b = f"blk.{i}"
        norm(f"{b}.attn_norm")
        if gpt2:
            linear(f"{b}.attn_qkv", 3 * width, width, True)
        else:
            for part, n in (("q", heads), ("k", kv), ("v", kv)):
                linear(f"{b}.attn_{part}", n * head, width, arch == "qwen2")
        if arch == "qwen3":
            norm(f"{b}.attn_q_norm", head)
            norm(f"{b}.attn_k_norm", head)
        linear(f"{b}.attn_output", width, heads * head, gpt2)
        norm(f"{b}.ffn_norm")
        if not gpt2:
            linear(f"{b}.ffn_gate", middle, width, False)
        linear(f"{b}.ffn_up", middle, width, gpt2)
        linear(f"{b}.ffn_down", width, middle, gpt2)
    norm("output_norm")
    if arch == "llama":
        tensor("output.weight", vocab, width)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    model = AutoModelForCausalLM.from_pretrained(path, gguf_file="model.gguf", dtype=torch.float32).eval()
    with torch.no_grad():
        logits = model(torch.tensor([spec["ids"]])).logits[0]
    tokenizer = AutoTokenizer.from_pretrained(path, gguf_file="model.gguf")
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in spec["texts"]]
    json.dump({"logits": logits.tolist(), "ids": ids}, open(os.path.join(path, "answers.json"), "w"))


for arch in ("llama", "qwen2", "qwen3", "gpt2"):
    for quantised in (False, True):
        write(arch, quantised)

blocks = {}
for name in ("F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K"):
    kind = gguf.GGMLQuantizationType[name]
    numbers, size = gguf.GGML_QUANT_SIZES[kind]
    data = rng.integers(0, 256, (4096, size), dtype=np.uint8)
    if name not in ("F16", "BF16"):
        # Scales that are numbers: any half but infinity and NaN.
        places = [size - 4, size - 2] if name == "Q2_K" else [size - 2] if name in ("Q3_K", "Q6_K") else [0, 2] if name[3:] in ("1", "K") else [0]
        for place in places:
            data[:, place + 1] = np.where((data[:, place + 1] & 0x7C) == 0x7C, 0x3C, data[:, place + 1])
    values = np.ascontiguousarray(gguf.quants.dequantize(data.reshape(-1), kind), dtype=np.float32)
    blocks[name] = {"bytes": base64.b64encode(data.tobytes()).decode(), "values": base64.b64encode(values.tobytes()).decode()}
json.dump(blocks, open(os.path.join(folder, "blocks.json"), "w"))
