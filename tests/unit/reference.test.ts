import { expect, test } from "vitest";
import { changedText, plainText, withoutTheSame } from "@/app/_features/guidelines/changedText";
import { emptyPair, pairOfDraft, problemsOfPair } from "@/app/_features/guidelines/pairDraft";
import { isAnswerable, matchOf, referencePairSchema } from "@/server/domain/reference";

const gave = (verdict: number | "bad") =>
  verdict === "bad" ? { verdict: null, bothBad: true } : { verdict, bothBad: false };

test.each([
  // Said, right, on seven steps, on three.
  [-3, -3, "same", "same"],
  [-1, -3, "near", "same"],
  [1, -1, "other", "other"],
  [0, 1, "near", "other"],
  [-1, 0, "near", "other"],
  [0, 2, "other", "other"],
  [0, 0, "same", "same"],
  ["bad", "bad", "same", "same"],
  ["bad", 0, "other", "other"],
  [3, "bad", "other", "other"],
] as const)("%s beside %s is %s, on three steps %s", (said, right, onSeven, onThree) => {
  expect(matchOf(gave(said), gave(right), 7)).toBe(onSeven);
  expect(matchOf(gave(said), gave(right), 3)).toBe(onThree);
});

test("a pair whose verdict the project does not offer is not asked", () => {
  expect(isAnswerable(gave(0), { verdictSteps: 2, allowBothBad: true })).toBe(false);
  expect(isAnswerable(gave(1), { verdictSteps: 2, allowBothBad: false })).toBe(true);
  expect(isAnswerable(gave("bad"), { verdictSteps: 7, allowBothBad: false })).toBe(false);
});

test("a reference pair has one verdict, an explanation and texts of bounded length", () => {
  const says = (content: string) => [{ role: "user", content }];
  const pair = { prompt: says("p"), a: says("a"), b: says("b"), verdict: 1, bothBad: false, why: "because" };
  expect(referencePairSchema.safeParse(pair).success).toBe(true);
  for (const wrong of [
    { bothBad: true },
    { verdict: null },
    { why: "  " },
    { verdict: 4 },
    { a: says("x".repeat(1e5)) },
  ])
    expect(referencePairSchema.safeParse({ ...pair, ...wrong }).success, JSON.stringify(wrong).slice(0, 40)).toBe(
      false,
    );
});

test("a draft says what it lacks", () => {
  const draft = emptyPair();
  expect(problemsOfPair(draft)).toEqual(["prompt", "a", "b", "right", "why"]);
  const says = (content: string) => [{ role: "user" as const, content }];
  const full = { ...draft, prompt: says("p"), a: says("a"), b: says("b"), right: "bad", why: " so " };
  expect(problemsOfPair(full)).toEqual([]);
  expect(pairOfDraft(full)).toMatchObject({ verdict: null, bothBad: true, why: "so" });
});

test("what changed between two versions is told by words, examples included; long stretches that stayed are left out", () => {
  const says = (content: string) => [{ role: "user" as const, content }];
  const example = { prompt: says("p"), a: says("a"), b: says("b"), verdict: 1, bothBad: false, why: "because" };
  const name = (_: unknown, at: number) => ({ title: `Example ${at + 1}`, verdict: "Right:" });
  const before = plainText({ text: "Be kind and brief.", examples: [] }, name);
  const after = plainText({ text: "Be kind and true.", examples: [example] }, name);
  expect(changedText(before, after)).toEqual([
    { text: "Be kind and ", kind: "same" },
    { text: "brief", kind: "removed" },
    { text: "true", kind: "added" },
    { text: ".", kind: "same" },
    { text: "\n\n\nExample 1\n\np\n\na\n\nb\n\nRight: because", kind: "added" },
  ]);
  const long = { text: `${"a".repeat(300)}${"b".repeat(400)}${"c".repeat(300)}`, kind: "same" } as const;
  const added = { text: "new", kind: "added" } as const;
  expect(withoutTheSame([added, long, added])).toEqual([
    added,
    { text: "a".repeat(240), kind: "same" },
    null,
    { text: "c".repeat(240), kind: "same" },
    added,
  ]);
});
