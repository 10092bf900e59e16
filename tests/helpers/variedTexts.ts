import type { Random } from "@/trainer/data/random";

const phrases = [
  "The quick brown fox jumps over the lazy dog.",
  "don't we'll THEY'RE I'm you'd it's O'Neill'S 'Tis ſ'ſ",
  "你好，世界！这是一个测试。今天天气很好，我们去公园吧。",
  "東京都の天気は晴れです。カタカナとひらがな",
  "안녕하세요 세계",
  "Привет, мир! Ёлка",
  "مرحبا بالعالم ١٢٣",
  "नमस्ते दुनिया",
  "สวัสดีชาวโลก",
  "café naïve Ǆ ﬁ ½ ² Ⅷ e\u0301 a\u0308 \u212b Å K",
  "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 ❤️ 😀😀😀",
  "def f(x):\n\treturn x ** 2  # square\n\n\nif __name__ == '__main__':\n    print(f(3))\n",
  'const x = { "a": [1, 2, 3], b: `y` };\r\n\r\n// done\r\n',
  "https://example.org/a?b=c&d=%20#e",
  "3.14159 1,000,000 0xDEADBEEF 12345678901234567890 v1.2.3-rc4",
  "<|endoftext|><s></s><|im_start|>user\nhi<|im_end|>\n[INST] <<SYS>> [/INST]",
  "▁ ▁▁ <0x0A> Ġ Ċ",
  "$\\frac{a}{b} = \\sum_{i=0}^{n} x_i^2$",
  "|---|---|\n| a | b |",
  "!!! ??? ... --- === ___ ~~~ ***",
];
const spaces = [
  " ",
  "  ",
  "   ",
  "\n",
  "\n\n",
  "\r\n",
  "\t",
  "\t\t",
  " \n ",
  "\u00a0",
  "\u3000",
  "\u2028",
  "\u0085",
  "\ufeff",
  "",
  "",
];

/** Blocks whose characters were assigned long ago, so that every version of Unicode agrees about them. */
const blocks: readonly (readonly [number, number])[] = [
  [0x00, 0x7f],
  [0xa0, 0x17f],
  [0x370, 0x3ff],
  [0x400, 0x45f],
  [0x5d0, 0x5ea],
  [0x2000, 0x206f],
  [0x2190, 0x21ff],
  [0x3041, 0x3096],
  [0x4e00, 0x9fa5],
  [0xac00, 0xd7a3],
  [0xfb00, 0xfb06],
  [0xff01, 0xff5e],
  [0xfff0, 0xffff],
  [0x1d400, 0x1d454],
  [0x1f600, 0x1f64f],
];

/** Texts of all kinds: prose, Chinese, emoji, code, runs of spaces, digits, special tokens written out, random characters. */
export function variedTexts(count: number, random: Random): string[] {
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
  const randomCharacters = () =>
    Array.from({ length: 1 + random.below(12) }, () => {
      const [from, to] = pick(blocks);
      return String.fromCodePoint(from + random.below(to - from + 1));
    }).join("");
  const fragment = () => {
    const phrase = Array.from(pick(phrases));
    const from = random.below(phrase.length);
    return phrase.slice(from, from + 1 + random.below(phrase.length)).join("");
  };
  const repeated = () => pick([" ", "\n", "a", "0", "-", "哈", "\t", "é"]).repeat(1 + random.below(40));
  const kinds = [fragment, fragment, fragment, randomCharacters, repeated, () => pick(spaces)];
  return Array.from({ length: count }, () =>
    Array.from({ length: 1 + random.below(6) }, () => pick(kinds)() + pick(spaces)).join(""),
  );
}
