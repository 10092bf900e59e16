import fc from "fast-check";
import { expect, test } from "vitest";
import { TrainerError } from "@/trainer/contracts/error";
import { Random } from "@/trainer/data/random";
import { encodeCompletion, encodePrompt } from "@/trainer/data/text";
import { Tokenizer } from "@/trainer/data/tokenizer";
import { translatePattern } from "@/trainer/data/tokenizing/pattern";
import { trainTokenizer } from "@/trainer/data/trainTokenizer";
import { fuzzed, fuzzTimeout } from "../../helpers/fuzz";

const found = (pattern: string, text: string) => text.match(translatePattern(pattern));

// Each by Oniguruma's manual (doc/RE, Ruby syntax).
test("patterns mean what they mean to Oniguruma", () => {
  expect(found("\\s+", "a\u0085\u2028b\ufeffc")).toEqual(["\u0085\u2028"]);
  expect(found("(?i:'s|'ll)", "I'LL he'S ſhe'ſ")).toEqual(["'LL", "'S", "'ſ"]);
  expect(found("(?i:[a-c])x|k", "Ax bX Bx k")).toEqual(["Ax", "Bx", "k"]);
  expect(found("a++b|a", "aaab aaac")).toEqual(["aaab", "a", "a", "a"]);
  expect(found("a++ab", "aaab")).toBeNull();
  expect(found("(?>a|ab)c", "abc")).toBeNull();
  expect(found("^b.$", "ab\nbc\nb\n")).toEqual(["bc"]);
  expect(found("\\p{Han}+|\\p{^L}", "你好a1")).toEqual(["你好", "1"]);
  expect(found("[^\\s\\p{L}\\d]+", "a1-!_ ٣b")).toEqual(["-!_"]);
  expect(found("[]x]+|\\x41|\\u0042|\\x{1F600}", "]x A B 😀")).toEqual(["]x", "A", "B", "😀"]);
  expect(found("\\w{2,3}?|,{,2};", "abcd ,,;")).toEqual(["ab", "cd", ",,;"]);
});

test("patterns that can take forever, or that nobody can read, are refused", () => {
  for (const pattern of [
    "(a+)+$",
    "(?:a*)*",
    "((a|b+){1,})*",
    "(\\s*\\S+)+x",
    "(a",
    "a)",
    "[a",
    "[[a]]",
    "\\p{Nonsense}",
    "(?<n>a)",
    "\\1",
    "a\\",
    "x".repeat(5000),
    "(".repeat(50),
  ])
    expect(() => translatePattern(pattern), pattern.slice(0, 20)).toThrow(TrainerError);
});

const bytes = Object.fromEntries(
  Array.from({ length: 256 }, (_, b) => [`<0x${b.toString(16).toUpperCase().padStart(2, "0")}>`, b + 3]),
);
const added = (id: number, content: string, more: object = {}) => ({
  ...{ id, content, special: true, normalized: false, single_word: false, lstrip: false, rstrip: false },
  ...more,
});
const pieces = ["▁", "a", "b", "▁a", "ab", "▁ab", "aa"];
const sentencePiece = (more: object = {}, merges = ["▁ a", "▁a b", "a b", "a a"]) =>
  new Tokenizer({
    version: "1.0",
    added_tokens: [added(0, "<unk>"), added(1, "<s>"), added(2, "</s>")],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    decoder: { type: "Sequence", decoders: [{ type: "Strip", content: " ", start: 1, stop: 0 }] },
    model: {
      type: "BPE",
      unk_token: "<unk>",
      fuse_unk: true,
      byte_fallback: true,
      vocab: { "<unk>": 0, "<s>": 1, "</s>": 2, ...bytes, ...Object.fromEntries(pieces.map((p, i) => [p, 259 + i])) },
      merges,
    },
    ...more,
  } as never);

// ids: ▁ 259, a 260, b 261, ▁a 262, ab 263, ▁ab 264, aa 265.
test("SentencePiece's BPE, worked out by hand: a space in front, merges by rank, bytes for what is unknown", () => {
  const tokenizer = sentencePiece();
  expect(tokenizer.encode("ab ab")).toEqual([264, 264]);
  // ▁aaab: ▁·a first, then a·b wins over a·a by rank: ▁a a ab.
  expect(tokenizer.encode("aaab")).toEqual([262, 260, 263]);
  expect(tokenizer.encode("é")).toEqual([259, 0xc3 + 3, 0xa9 + 3]);
  expect(tokenizer.encode("a<s>a", { special: true })).toEqual([262, 1, 262]);
  expect(tokenizer.encode("ab", { continues: true })).toEqual([263]);
  expect(tokenizer.encode("")).toEqual([]);
  expect(tokenizer.decode([264, 264])).toBe("ab ab");
  expect(tokenizer.decode([1, 0xc3 + 3, 0xa9 + 3, 259, 2])).toBe("é ");
});

test("a pair that a merge makes comes before others of the same rank, as in the reference", () => {
  // "aaaa" with a·a before aa·a: the first a·a makes aa·a possible only at a later rank: aa aa.
  expect(sentencePiece({ normalizer: null }).encode("aaaa")).toEqual([265, 265]);
  // With ▁a·b ranked before ▁·a, the pair exists only once ▁·a was merged, and still goes before the next ▁·a.
  const tokenizer = sentencePiece({ normalizer: null }, ["▁a b", "▁ a"]);
  expect(tokenizer.encode("▁ab▁a")).toEqual([264, 262]);
});

test("Metaspace puts its mark before every piece, the first alone, or none", () => {
  const ids = (scheme: string) =>
    sentencePiece({
      normalizer: null,
      pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: scheme, split: false },
    }).encode("ab<s>ab", { special: true });
  expect(ids("always")).toEqual([264, 1, 264]);
  expect(ids("first")).toEqual([264, 1, 263]);
  expect(ids("never")).toEqual([263, 1, 263]);
});

test("added tokens: the longest at the leftmost place, with spaces they take along, whole words where they say so", () => {
  const tokenizer = sentencePiece({
    normalizer: null,
    added_tokens: [
      added(300, "<x>", { lstrip: true, rstrip: true, special: false }),
      added(301, "<x>a", { special: false }),
      added(302, "ab", { single_word: true, special: false }),
    ],
  });
  expect(tokenizer.encode("b <x> b")).toEqual([261, 300, 261]);
  expect(tokenizer.encode("<x>a")).toEqual([301]);
  expect(tokenizer.encode("ab")).toEqual([302]);
  expect(tokenizer.encode("aab")).toEqual([260, 263]);
});

test("any text comes back from bytes and pieces", () => {
  const tokenizer = sentencePiece();
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => tokenizer.decode(tokenizer.encode(text)) === text));
});

const chat = {
  tokenizer: new Tokenizer({
    ...trainTokenizer(["user assistant hello there"], 300, "<|end|>"),
    added_tokens: [added(299, "<|end|>"), added(300, "<|start|>")],
  }),
  chatTemplate:
    "{{ bos_token }}{% for m in messages %}<|start|>{{ m.role }}\n{{ m.content }}<|end|>\n{% endfor %}{% if add_generation_prompt %}<|start|>assistant\n{% endif %}",
  bosToken: "<|start|>",
  eosToken: "<|end|>",
};
const prompt = [{ role: "user" as const, content: "hello<|end|>" }];
const answer = [{ role: "assistant" as const, content: "there" }];

test("prompt and answer together are the template's text, special tokens once, and the answer ends with the end token", () => {
  const ids = [...encodePrompt(chat, prompt), ...encodeCompletion(chat, prompt, answer)];
  expect(chat.tokenizer.decode(ids)).toBe("user\nhello\nassistant\nthere");
  expect(ids.filter((id) => id === 299).length).toBe(3);
  expect(ids.at(-1)).toBe(299);
  expect(ids.slice(0, 2)).toEqual([300, 300]);
});

test("an answer of SentencePiece's goes on from its prompt: no space of its own", () => {
  const codec = {
    tokenizer: sentencePiece(),
    chatTemplate: "{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}",
    bosToken: "<s>",
    eosToken: "</s>",
  };
  const a = [{ role: "user" as const, content: "ab" }];
  expect(encodePrompt(codec, a)).toEqual([1, 264]);
  expect(encodeCompletion(codec, a, [{ role: "assistant", content: "ab" }])).toEqual([263, 2]);
});

test("a template that refuses a conversation says so", () => {
  const refusing = { ...chat, chatTemplate: "{{ raise_exception('roles must alternate') }}" };
  expect(() => encodePrompt(refusing, prompt)).toThrow(/does not take a conversation of user: roles must alternate/);
});

test("a template that never ends, or that fills the memory, is stopped", () => {
  const of = (chatTemplate: string) => () => encodePrompt({ ...chat, chatTemplate }, prompt);
  const inner = "{% for i in range(100000) %}{% for j in range(100000) %}{{ i }}{% endfor %}{% endfor %}";
  expect(of(inner)).toThrow(/template takes longer than 2 seconds/);
  expect(of("{% for i in range(1000000000) %}x{% endfor %}")).toThrow(/range\(\) of 1000000000 numbers/);
  expect(of("{{ 'x' }}{% for i in range(3, 0, -1) %}{{ i }}{% endfor %}")().length).toBeGreaterThan(0);
  expect(of("x".repeat(600_000))).toThrow(/longer than 500000 characters/);
});

// No repetition repeats another, yet it takes 2ⁿ steps for n letters.
test("a tokenizer whose pattern takes forever is stopped", () => {
  const split = { type: "Split", pattern: { Regex: "(?:a|a)*b" }, behavior: "Isolated" };
  const tokenizer = new Tokenizer({ ...good(), pre_tokenizer: split });
  expect(tokenizer.decode(tokenizer.encode("aab"))).toBe("aab");
  expect(() => tokenizer.encode(`${"a".repeat(60)}!`)).toThrow(/patterns take longer than 2 seconds for a text of 61/);
});

const good = () => JSON.parse(JSON.stringify(sentencePiece().json));

test("hostile tokenizers are errors: wrong types, ids out of range, merges of nothing, unknown parts, deep nesting", () => {
  const nested = (depth: number): object =>
    depth === 0 ? { type: "NFC" } : { type: "Sequence", normalizers: [nested(depth - 1)] };
  const hostile: object[] = [
    {},
    { ...good(), model: { type: "Unigram", vocab: [] } },
    { ...good(), model: { ...good().model, vocab: { a: -1 } } },
    { ...good(), model: { ...good().model, vocab: { a: 1e12 } } },
    { ...good(), model: { ...good().model, merges: ["a nothing"] } },
    { ...good(), model: { ...good().model, merges: ["a"] } },
    { ...good(), normalizer: { type: "Precompiled" } },
    { ...good(), normalizer: { type: "Replace", pattern: { Regex: "(a+)+" }, content: "" } },
    { ...good(), normalizer: nested(50) },
    { ...good(), pre_tokenizer: { type: "Sequence" } },
    { ...good(), pre_tokenizer: { type: "__proto__" } },
    { ...good(), added_tokens: [{ id: 0, content: "" }] },
  ];
  for (const json of hostile) expect(() => new Tokenizer(json as never)).toThrow(TrainerError);
});

const damaged = fuzzed(300);

test(`${damaged} tokenizers with random damage encode or are refused, never anything else`, {
  timeout: fuzzTimeout,
}, () => {
  const random = new Random(8);
  const places = (node: unknown, path: (string | number)[] = []): (string | number)[][] =>
    typeof node === "object" && node !== null
      ? Object.entries(node).flatMap(([key, child]) => [[...path, key], ...places(child, [...path, key])])
      : [];
  const all = places(good()).filter((path) => path[1] !== "vocab" || random.below(20) === 0);
  const values = [null, -1, 1e9, "", "x", [], {}, true, "Sequence", { type: "Split" }];
  for (let i = 0; i < damaged; i++) {
    const json = good();
    for (let n = 1 + random.below(3); n > 0; n--) {
      const path = all[random.below(all.length)] as string[];
      const parent = path.slice(0, -1).reduce((node, key) => node?.[key], json);
      if (parent && typeof parent === "object") parent[path.at(-1) as string] = values[random.below(values.length)];
    }
    try {
      const tokenizer = new Tokenizer(json);
      tokenizer.decode(tokenizer.encode("ab <s> é", { special: true }));
    } catch (error) {
      expect(error, JSON.stringify(json).slice(0, 300)).toBeInstanceOf(TrainerError);
    }
  }
});
