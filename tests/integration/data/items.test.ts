import { expect, test } from "vitest";
import { membership, project, user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { authorize } from "@/server/services/access";
import { claimPairs, type Pair, submitVote, undoVote } from "@/server/services/annotate.service";
import { getItem, listItems, restoreItem, retireItem } from "@/server/services/items.service";
import { jsonLines, openProject } from "./dataHelpers";

type Filter = Parameters<typeof listItems>[2]["state"];

async function open(prompts: readonly string[], overlap = 1) {
  const p = openProject({ overlap });
  await p.bring(
    "d.jsonl",
    jsonLines(prompts.map((prompt) => ({ prompt, answer_a: "x", answer_b: "y", model_a: "m", model_b: "n" }))),
  );
  for (const id of ["u0", "u1"]) {
    p.db
      .insert(user)
      .values({ id, name: id.toUpperCase(), email: `${id}@example.org` })
      .run();
    p.db.insert(membership).values({ projectId: "p", userId: id, role: "annotator" }).run();
  }
  const as = (id: string) => authorize(p.db, id, "p", "annotator");
  const claim = (id: string) => claimPairs(p.db, as(id), { want: 1, holding: [] }).pairs[0] as Pair;
  const vote = (id: string, pair: Pair, verdict: number) =>
    submitVote(p.db, as(id), {
      ...pair,
      submissionId: `${id}${pair.itemId}${verdict}`,
      verdict,
      bothBad: false,
      reason: null,
      criteria: {},
      durationMs: 900,
    });
  const list = (state: Filter = "all", search = "", limit = 50, cursor: string | null = null) =>
    listItems(p.db, p.access, { state, search, limit, cursor });
  const prompts_ = (state: Filter, search = "") =>
    list(state, search)
      .items.map((row) => row.prompt)
      .toSorted();
  return { ...p, as, claim, vote, list, prompts: prompts_ };
}

test("pages hold every item once, also those of one moment", async () => {
  const p = await open(Array.from({ length: 23 }, (_, i) => `q${i}`));
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const page = p.list("all", "", 5, cursor);
    expect(page.total).toBe(23);
    seen.push(...page.items.map((row) => row.id));
    cursor = page.nextCursor;
  } while (cursor);
  expect(seen).toHaveLength(23);
  expect(new Set(seen).size).toBe(23);
  expect(() => p.list("all", "", 5, "nonsense")).toThrow("invalid_input");
});

test("states: open, complete, disputed, retired", async () => {
  const p = await open(["one"], 2);
  expect(p.prompts("open")).toEqual(["one"]);
  const left = p.claim("u0");
  const right = p.claim("u1");
  p.vote("u0", left, -2);
  expect(p.list().items[0]).toMatchObject({ votes: 1, overlap: 2, state: "open" });
  // The sides are swapped for the second person, so the same verdict by position speaks for the other answer.
  p.vote("u1", right, -1);
  expect(left.left).not.toEqual(right.left);
  expect(p.list().items[0]).toMatchObject({ votes: 2, state: "disputed" });
  expect(p.list().items[0]?.verdicts.map(Math.abs)).toEqual([2, 1]);
  expect(p.prompts("disputed")).toEqual(["one"]);
  expect(p.prompts("complete")).toEqual(["one"]);
  expect(p.prompts("open")).toEqual([]);
  undoVote(p.db, p.as("u1"), "undo");
  expect(p.prompts("disputed")).toEqual([]);
  expect(p.prompts("open")).toEqual(["one"]);
  const id = p.list().items[0]?.id ?? "";
  retireItem(p.db, p.access, id);
  expect(p.prompts("retired")).toEqual(["one"]);
  expect(p.prompts("open")).toEqual([]);
  expect(p.list().items[0]?.state).toBe("retired");
});

test("a search takes what is typed as it is", async () => {
  const p = await open([
    'say "hi"',
    "100 % sure",
    "100 cats",
    "under_score",
    "underscore",
    "line\nbreak",
    "back\\slash",
    "你好",
  ]);
  const find = (text: string) => p.prompts("all", text);
  expect(find('"hi"')).toEqual(['say "hi"']);
  expect(find("100 %")).toEqual(["100 % sure"]);
  expect(find("r_s")).toEqual(["under_score"]);
  expect(find("line\nb")).toEqual(["line\nbreak"]);
  expect(find("k\\s")).toEqual(["back\\slash"]);
  expect(find("你")).toEqual(["你好"]);
  expect(find("CATS")).toEqual(["100 cats"]);
  expect(p.list("all", "100").total).toBe(2);
});

test("one item with all that was said: late, undone, imported", async () => {
  const p = await open(["q"]);
  const pair = p.claim("u0");
  p.vote("u0", pair, 3);
  undoVote(p.db, p.as("u0"), "undo");
  p.vote("u0", pair, 0);
  const mapping = {
    prompt: "prompt",
    responseA: "a",
    responseB: "b",
    meaning: "unordered" as const,
    labels: [{ column: "l", who: "ann" }],
  };
  await p.bring("labels.jsonl", jsonLines([{ prompt: "q", a: "x", b: "y", l: -1 }]), mapping);
  const { judgements, a, b } = getItem(p.db, p.access, pair.itemId);
  expect([a.sourceModel, b.sourceModel]).toEqual(["m", "n"]);
  expect(judgements).toMatchObject([
    { annotator: "U0", action: "judge", superseded: true, imported: false },
    { annotator: "U0", action: "undo", verdict: null, superseded: true },
    { annotator: "U0", verdict: 0, superseded: false, durationMs: 900 },
    { annotator: "labels: ann", verdict: -1, imported: true, superseded: false },
  ]);
  expect(p.list().items[0]?.verdicts).toEqual([0, -1]);
});

test("a retired item is not given out; restored it comes at the end, also to somebody who had passed its place", async () => {
  const p = await open(["q0", "q1", "q2"]);
  const first =
    p.db
      .select()
      .from(item)
      .all()
      .find((row) => row.queuePosition === 1)?.id ?? "";
  retireItem(p.db, p.access, first);
  retireItem(p.db, p.access, first);
  const given: string[] = [];
  for (let pair = p.claim("u0"); pair; pair = p.claim("u0")) {
    given.push(pair.itemId);
    p.vote("u0", pair, 1);
  }
  expect(given).toHaveLength(2);
  expect(given).not.toContain(first);
  restoreItem(p.db, p.access, first);
  expect(p.claim("u0").itemId).toBe(first);
});

test("another project's item is not there", async () => {
  const p = await open(["q"]);
  p.db.insert(project).values({ id: "other", name: "Other" }).run();
  const id = p.list().items[0]?.id ?? "";
  p.db.update(item).set({ projectId: "other" }).run();
  expect(() => getItem(p.db, p.access, id)).toThrow("not_found");
  expect(() => retireItem(p.db, p.access, id)).toThrow("not_found");
});
