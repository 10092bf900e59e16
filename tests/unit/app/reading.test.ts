import { expect, test } from "vitest";
import { wordDiff } from "@/app/_features/annotate/wordDiff";
import { mathMarks } from "@/app/_ui/mathMarks";

test("a dollar is mathematics by Pandoc's rule, else money", () => {
  for (const kept of ["$x$", "a $x + y$ b", "so $$x$$ is", "$$\nx\n$$", "$\\$5$", "no maths"])
    expect(mathMarks(kept)).toBe(kept);
  expect(mathMarks("It costs $5 and $10.")).toBe("It costs \\$5 and \\$10.");
  expect(mathMarks("from $5-$10")).toBe("from \\$5-\\$10");
  expect(mathMarks("$ x $ and \\$3")).toBe("\\$ x \\$ and \\$3");
  expect(mathMarks("a $b\n\nc$ d")).toBe("a \\$b\n\nc\\$ d");
});

test("LaTeX's own brackets become dollars: within a line, and as a block at its indentation", () => {
  expect(mathMarks("so \\( x^2 \\) is")).toBe("so $x^2$ is");
  expect(mathMarks("so \\[ x^2 \\] is")).toBe("so $$x^2$$ is");
  expect(mathMarks("so\n$$x$$\nis")).toBe("so\n$$\nx\n$$\nis");
  expect(mathMarks("- a\n  \\[\n  x\n  \\]\n- b")).toBe("- a\n  $$\n  x\n  $$\n- b");
});

test("code keeps its signs", () => {
  const code = ["`$a $b`", "```sh\necho $HOME $PATH\n```", "~~~\n\\[ x \\]\n~~~", "```\nnever closed $1"];
  for (const text of code) expect(mathMarks(text)).toBe(text);
  expect(mathMarks("`$a` costs $5")).toBe("`$a` costs \\$5");
});

test("text that never closes what it opens is rewritten in the time its length asks for", () => {
  for (const sign of ["$", "\\[", "\\(", "`", "``` ", "$$", "$a"]) {
    const text = sign.repeat(30_000);
    expect(mathMarks(text).length).toBeGreaterThanOrEqual(text.length);
  }
}, 20_000);

const marked = (parts: readonly { text: string; only: boolean }[]) =>
  parts.map(({ text, only }) => (only ? `[${text}]` : text)).join("");
const diffOf = (left: string, right: string) => {
  const found = wordDiff(left, right);
  return found && [marked(found.left), marked(found.right)];
};

test("words that only one answer has are marked, with the spaces between them; the rest is common", () => {
  expect(diffOf("the red fox ran", "the blue fox ran")).toEqual(["the [red] fox ran", "the [blue] fox ran"]);
  expect(diffOf("a b c d", "a d")).toEqual(["a [b c ]d", "a d"]);
  expect(diffOf("same", "same")).toEqual(["same", "same"]);
  expect(diffOf("", "x")).toEqual(["", "[x]"]);
});

test("a script without spaces is compared character by character, accents stay with their letters", () => {
  expect(diffOf("今天天气很好", "今天天气不好")).toEqual(["今天天气[很]好", "今天天气[不]好"]);
  expect(diffOf("naïve idea", "naive idea")).toEqual(["[naïve] idea", "[naive] idea"]);
});

test("each side put together is its text, whatever the two are", () => {
  const left = "One  two,\nthree — 四五 🙂 6.5!";
  const right = "two\tthree 四六 🙃 (6,5)?";
  const found = wordDiff(left, right);
  expect(found?.left.map(({ text }) => text).join("")).toBe(left);
  expect(found?.right.map(({ text }) => text).join("")).toBe(right);
});
