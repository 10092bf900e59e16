"""The peer of tokenizers.test.ts. usage: tokenizersPeer.py FOLDER.

FOLDER/texts.json holds texts. Tokenizers of every kind are learned from them with Python's tokenizers and saved as
FOLDER/NAME/tokenizer.json; folders that hold one already are taken as they are. Of each, ids of all texts, with and without
special tokens, and what they decode to go to FOLDER/NAME/answers.json.
"""

import json
import os
import sys

sys.path.pop(0)  # this file's name is the library's
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

folder = sys.argv[1]
texts = json.load(open(os.path.join(folder, "texts.json")))
special = ["<|endoftext|>", "<s>", "</s>", "<|im_start|>", "<|im_end|>"]
byte_alphabet = pre_tokenizers.ByteLevel.alphabet()
bytes_and_unknown = ["<unk>"] + [f"<0x{byte:02X}>" for byte in range(256)]
llama3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
cl100k = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*"
    r"|\s*[\r\n]|\s+(?!\S)|\s+"
)


def byte_level(name, pre, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=3000, special_tokens=special, initial_alphabet=byte_alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts[:2000], trainer)
    tokenizer.add_tokens([AddedToken("THEY", single_word=True), AddedToken("lazy dog", lstrip=True, rstrip=True)])
    return name, tokenizer


def sentence_piece(name, pre, normalizer, decoder, fuse=True):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=fuse))
    learner = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=fuse))
    learner.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.BpeTrainer(
        vocab_size=2500, special_tokens=bytes_and_unknown + special, limit_alphabet=300, show_progress=False
    )
    learner.train_from_iterator(texts[:2000], trainer)
    learned = json.loads(learner.to_str())
    for added in learned["added_tokens"]:
        added["special"] = not added["content"].startswith("<0x")
    learned["added_tokens"] = [added for added in learned["added_tokens"] if added["special"]]
    learned["model"]["byte_fallback"] = True
    tokenizer = Tokenizer.from_str(json.dumps(learned))
    tokenizer.normalizer = normalizer or normalizers.Sequence([])
    tokenizer.pre_tokenizer = pre or pre_tokenizers.Sequence([])
    tokenizer.decoder = decoder
    return name, tokenizer


pieces = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
made = [
    byte_level("gpt2-like", pre_tokenizers.ByteLevel(add_prefix_space=False)),
    byte_level("prefix-space", pre_tokenizers.ByteLevel(add_prefix_space=True)),
    byte_level(
        "smollm-like",
        pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]),
    ),
    byte_level(
        "llama3-like",
        pre_tokenizers.Sequence(
            [pre_tokenizers.Split(Regex(llama3), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
        ),
        ignore_merges=True,
    ),
    byte_level(
        "qwen-like",
        pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(llama3.replace("{1,3}", "")), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        ),
        normalizer=normalizers.NFC(),
    ),
    byte_level(
        "cl100k-like",
        pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(cl100k), "removed", invert=True),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        ),
    ),
    byte_level(
        "merging",
        pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split("e", "merged_with_next"),
                pre_tokenizers.Split(Regex(r"\d+|[aeiou]"), "merged_with_previous"),
                pre_tokenizers.Split(Regex(r"\W"), "contiguous"),
                pre_tokenizers.Punctuation(),
                pre_tokenizers.ByteLevel(add_prefix_space=False),
            ]
        ),
        normalizer=normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(), normalizers.Replace(Regex(r"\s{3,}"), "  ")]),
    ),
    sentence_piece(
        "llama2-like",
        None,
        normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]),
        decoders.Sequence(pieces),
    ),
    sentence_piece("metaspace-first", pre_tokenizers.Metaspace(prepend_scheme="first", split=False), None, decoders.Sequence(pieces)),
    sentence_piece("metaspace-always", pre_tokenizers.Metaspace(), None, decoders.Sequence(pieces)),
]
for name, tokenizer in made:
    os.makedirs(os.path.join(folder, name), exist_ok=True)
    tokenizer.save(os.path.join(folder, name, "tokenizer.json"))

for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name, "tokenizer.json")
    if not os.path.exists(path):
        continue
    tokenizer = Tokenizer.from_file(path)
    answers = {}
    for key, plain in (("special", False), ("plain", True)):
        tokenizer.encode_special_tokens = plain
        encoded = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
        answers[key] = encoded
    answers["decoded"] = tokenizer.decode_batch(answers["plain"], skip_special_tokens=True)
    json.dump(answers, open(os.path.join(folder, name, "answers.json"), "w"))
