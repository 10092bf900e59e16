import { expect, test } from "vitest";
import { keyAction } from "@/app/_features/annotate/keys";
import { isQuick, judged, startPace, wordsIn } from "@/app/_features/annotate/pace";
import { changesOf, draftOf, problemsOf } from "@/app/_features/settings/settingsDraft";
import { breachOf, type JudgingRules, type Said } from "@/server/domain/judging";
import { type Event, Page, PlainServer, rules } from "./annotateWorld";

const said: Said = { verdict: 2, bothBad: false, reason: null, criteria: {} };
const field = (over: Partial<Said>, asked: Partial<JudgingRules>) =>
  breachOf({ ...said, ...over }, { ...rules, ...asked })?.field ?? null;

test("a verdict is held against the project's scale, its both-bad, its reasons and its criteria", () => {
  const taken = (verdictSteps: number) =>
    [-3, -2, -1, 0, 1, 2, 3].filter((verdict) => field({ verdict }, { verdictSteps }) === null);
  expect([2, 3, 7].map(taken)).toEqual([
    [-2, 2],
    [-2, 0, 2],
    [-3, -2, -1, 0, 1, 2, 3],
  ]);
  const bad = { verdict: null, bothBad: true };
  expect(field(bad, {})).toBeNull();
  expect(field(bad, { allowBothBad: false })).toBe("bothBad");
  expect(field({}, { reasonRequired: true })).toBe("reason");
  expect(field({ reason: "why" }, { reasonRequired: true })).toBeNull();
  expect(field({ reason: "why" }, { reasonChoices: ["shorter"] })).toBe("reason");
  expect(field({ reason: "shorter" }, { reasonChoices: ["shorter"] })).toBeNull();
  const criteria = ["Tone", "Facts"];
  expect(field({ criteria: { Tone: 1 } }, { criteria })).toBe("criteria");
  expect(field({ criteria: { Tone: 1, Facts: 0 } }, { criteria })).toBeNull();
  expect(field({ criteria: { Tone: 1, Facts: 0 } }, { criteria, verdictSteps: 3 })).toBe("criteria");
  expect(field({ criteria: { Tone: 1 } }, {})).toBe("criteria");
  expect(field(bad, { criteria })).toBeNull();
});

function opened(asked: Partial<JudgingRules>): Page {
  const page = new Page(new PlainServer(30), { ...rules, ...asked });
  page.deliver();
  return page;
}

test("criteria come one after the other, the whole last; undo and a press on one go back", () => {
  const page = opened({ criteria: ["Tone", "Facts"] });
  page.verdict(1);
  page.verdict(-2);
  expect(page.state).toMatchObject({ given: [1, -2], outbox: [] });
  page.undo();
  expect(page.state.given).toEqual([1]);
  page.tell({ type: "criterion", at: 0 });
  expect(page.state.given).toEqual([]);
  page.verdict(3);
  page.verdict(0);
  page.verdict(2);
  expect(page.state.outbox).toMatchObject([{ verdict: 2, criteria: { Tone: 3, Facts: 0 } }]);
  expect(page.state.given).toEqual([]);
});

test("a key pressed twice answers one criterion; criteria of an unseen pair are not taken", () => {
  const page = opened({ criteria: ["Tone"] });
  page.tell({ type: "verdict", verdict: 1, id: "x" }, 1_000);
  expect(page.state).toMatchObject({ given: [], hint: true });
  page.verdict(1);
  page.verdict(1, 100);
  expect(page.state).toMatchObject({ given: [1], outbox: [] });
});

test("both bad needs no criteria", () => {
  const page = opened({ criteria: ["Tone"] });
  page.verdict("bad");
  expect(page.state.outbox).toMatchObject([{ verdict: "bad", criteria: {} }]);
});

test("when the project asks differently, what was said of criteria is void", () => {
  const page = opened({ criteria: ["Tone"] });
  page.verdict(1);
  const asks = { rules: { ...page.state.rules, criteria: ["Facts"] }, unread: null, practice: null };
  page.tell({ type: "claimed", pairs: [], ...asks });
  expect(page.state).toMatchObject({ given: [], rules: { criteria: ["Facts"] } });
});

test("a reason counts only when it is on the project's list", () => {
  const page = opened({ reasonRequired: true, reasonChoices: ["Shorter"] });
  page.tell({ type: "reasonWritten", text: "because" } satisfies Event);
  page.verdict(1);
  expect(page.state.reason).toMatchObject({ open: true, pending: 1 });
  page.tell({ type: "reasonWritten", text: "Shorter" });
  page.tell({ type: "reasonEntered", id: page.id() });
  expect(page.state.outbox).toMatchObject([{ reason: "Shorter" }]);
});

test("a report goes out like a vote, and the pair stays", () => {
  const page = opened({});
  const [first] = page.state.pairs;
  page.tell({ type: "report", problem: "private", note: " a phone number ", id: page.id() });
  expect(page.state.outbox).toMatchObject([{ kind: "report", problem: "private", note: "a phone number" }]);
  expect(page.state).toMatchObject({ pairs: [first, {}, {}], notice: { kind: "reported" } });
  while (page.deliver());
  expect(page.state.outbox).toEqual([]);
  page.verdict(1);
  expect(page.state.outbox).toHaveLength(1);
});

test("open choices take the digits, and nothing gives a verdict meanwhile", () => {
  const base = { shiftKey: false, repeat: false, ctrlKey: false, metaKey: false, altKey: false, isComposing: false };
  const press = (key: string, code = "") => keyAction({ ...base, key, code, typing: false }, rules, 4);
  expect(press("4")).toEqual({ do: "choose", at: 3 });
  expect(press("à", "Digit1")).toEqual({ do: "choose", at: 0 });
  for (const key of ["5", "0", "=", "b", "ArrowLeft"]) expect(press(key), key).toBeNull();
  expect(press("s")).toEqual({ do: "skip" });
});

const pairOf = (left: string, right: string) => ({
  assignmentId: "a",
  leaseToken: "t",
  itemId: "i",
  prompt: [],
  left: [{ role: "assistant" as const, content: left }],
  right: [{ role: "assistant" as const, content: right }],
});

test("quick is faster than 714 words a minute; a glance at few words is not", () => {
  expect(wordsIn("one two, 3 – four")).toBe(4);
  expect(wordsIn("今天天气很好 ok")).toBe(5);
  const pair = pairOf("word ".repeat(357), "word ".repeat(357)); // a minute's worth
  expect([isQuick(pair, 59_000), isQuick(pair, 61_000)]).toEqual([true, false]);
  expect(isQuick(pairOf("yes", "no"), 1)).toBe(false);
});

test("six quick verdicts among the last ten are mentioned, once", () => {
  const pair = pairOf("word ".repeat(300), "word");
  let pace = startPace;
  const notices: unknown[] = [];
  for (let i = 0; i < 20; i++) {
    const after = judged(pace, pair, i % 2 === 0 ? 100 : i < 4 ? 60_000 : 100, 1e6 + i * 1_000);
    pace = after.pace;
    notices.push(after.notice);
  }
  expect(notices.filter(Boolean)).toEqual(["tooQuick"]);
  expect(notices.indexOf("tooQuick")).toBe(7); // quick at 0, 2, 4, 5, 6, 7
});

test("after fifty minutes without a break of five a rest is mentioned, then again after fifty more", () => {
  const pair = pairOf("a", "b");
  const minutes = (gap: number, count: number) => {
    let pace = startPace;
    const at: number[] = [];
    for (let minute = 0; minute <= count; minute += gap) {
      const after = judged(pace, pair, 10_000, 1e9 + minute * 60_000);
      pace = after.pace;
      if (after.notice === "restSoon") at.push(minute);
    }
    return at;
  };
  expect(minutes(2, 120)).toEqual([50, 100]);
  expect(minutes(6, 120)).toEqual([]);
});

test("settings write lists a line each, and refuse what the server would", () => {
  const saved = {
    ...{ name: "N", description: "", overlap: 1, leaseSeconds: 900, changeMinutes: 1440 },
    ...{ verdictSteps: 7, allowBothBad: true, reasonRequired: false, reasonChoices: ["Shorter"], criteria: [] },
  };
  const draft = draftOf(saved);
  expect(changesOf(draft, saved)).toEqual({});
  const changed = { ...draft, criteria: " Tone \n\nFacts", verdictSteps: 3, changeHours: "0.5", reasonChoices: "" };
  expect(changesOf(changed, saved)).toEqual({
    criteria: ["Tone", "Facts"],
    verdictSteps: 3,
    changeMinutes: 30,
    reasonChoices: [],
  });
  expect(problemsOf({ ...draft, criteria: "a\na", reasonChoices: "x".repeat(121), changeHours: "-1" })).toEqual([
    "changeHours",
    "criteria",
    "reasonChoices",
  ]);
  expect(problemsOf({ ...draft, criteria: "a\nb\nc\nd\ne\nf\ng" })).toEqual(["criteria"]);
});
