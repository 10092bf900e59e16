import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { membership, user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";
import type { ReferencePair } from "@/server/domain/reference";
import { authorize } from "@/server/services/access";
import { claimPairs, type Pair, submitVote } from "@/server/services/annotate.service";
import {
  acknowledge,
  findUnread,
  getGuidelines,
  getVersion,
  listPublished,
  listReaders,
  publishGuidelines,
} from "@/server/services/guidelines.service";
import {
  answerPractice,
  listPractice,
  nextPractice,
  removePracticePair,
  savePracticePair,
  shiftPracticePair,
} from "@/server/services/practice.service";
import { getOverview, updateProject } from "@/server/services/projects.service";
import { seedCrowd, testDb } from "../../helpers/testDb";

const t0 = Date.now();
const at = (minutes: number) => new Date(t0 + minutes * 60_000);

function open() {
  const db = testDb(join(mkdtempSync(join(tmpdir(), "guidelines-")), "test.db"));
  seedCrowd(db, { annotators: 2, items: 6, overlap: 2 });
  db.insert(user).values({ id: "owner", name: "Owner", email: "owner@example.org" }).run();
  db.insert(membership).values({ projectId: "p", userId: "owner", role: "owner" }).run();
  const as = (id: string) => authorize(db, id, "p", "annotator");
  const admin = authorize(db, "owner", "p", "admin");
  const claim = (id = "u0", want = 1, holding: string[] = []) => claimPairs(db, as(id), { want, holding }, at(0));
  const vote = (pair: Pair, version?: number) => {
    const said = { verdict: 1, bothBad: false, reason: null, criteria: {}, durationMs: 1000 };
    submitVote(db, as("u0"), { ...pair, submissionId: pair.itemId, ...said, guidelineVersion: version });
    return db.select().from(judgement).where(eq(judgement.submissionId, pair.itemId)).get()?.guidelineVersion;
  };
  const publish = (text: string, base: number, examples: ReferencePair[] = [], change = "") =>
    publishGuidelines(db, admin, { text, examples, change, base }, at(base));
  return { db, as, admin, claim, vote, publish };
}

const says = (role: "user" | "assistant", content: string) => [{ role, content }];
const pair = (verdict: number | null, prompt = "p"): ReferencePair => ({
  ...{ prompt: says("user", prompt), a: says("assistant", "a"), b: says("assistant", "b") },
  ...{ verdict, bothBad: verdict === null, why: "because" },
});

test("each change is a version of its own that nobody can change; what changes nothing is none", () => {
  const { db, as, admin, publish } = open();
  expect(publish("", 0)).toEqual({ version: 0 });
  expect(publish("Be kind.", 0)).toEqual({ version: 1 });
  expect(publish("Be kind.", 1)).toEqual({ version: 1 });
  expect(publish("Be kind.", 1, [pair(2)], "an example")).toEqual({ version: 2 });
  expect(() => publish("Be brief.", 1)).toThrow("conflict");
  expect(getVersion(db, as("u0"), 1)).toMatchObject({ text: "Be kind.", examples: [], change: "" });
  expect(getGuidelines(db, as("u0"))).toMatchObject({
    guidelines: { version: 2, examples: [pair(2)], change: "an example" },
    read: 0,
  });
  expect(() => getVersion(db, as("u0"), 3)).toThrow("not_found");
  // Who publishes has read it.
  expect(listPublished(db, admin)).toMatchObject([
    { version: 2, publishedBy: "Owner", examples: 1, readers: 1, members: 3 },
    { version: 1, examples: 0, readers: 1, members: 3 },
  ]);
});

test("no new pair is given out before the guidelines in force are read; pairs in hand stay", () => {
  const { db, as, claim, publish } = open();
  const held = claim().pairs[0] as Pair;
  publish("Be kind.", 0);
  const asked = claim("u0", 3);
  expect(asked.unread).toMatchObject({ version: 1, text: "Be kind." });
  expect(asked.pairs.map(({ assignmentId }) => assignmentId)).toEqual([held.assignmentId]);
  acknowledge(db, as("u0"), { version: 1, readAt: at(-5) }, at(1));
  const after = claim("u0", 3, [held.assignmentId]);
  expect([after.unread, after.pairs.length]).toEqual([null, 2]);
  publish(" ", 1);
  expect(findUnread(db, as("u0"))).toBeNull();
});

test("a vote keeps the version that its author had read when the page took it", () => {
  const { db, as, claim, vote, publish } = open();
  const pairs = claim("u0", 5).pairs as [Pair, Pair, Pair, Pair, Pair];
  expect(vote(pairs[0])).toBeNull();
  for (const version of [1, 2]) {
    publish(`Text ${version}`, version - 1);
    acknowledge(db, as("u0"), { version, readAt: at(version) }, at(9));
  }
  expect(vote(pairs[1])).toBe(2);
  expect(vote(pairs[2], 1)).toBe(1);
  // Nobody can claim to have voted by what they have not read.
  publish("Text 3", 2);
  expect(vote(pairs[3], 3)).toBe(2);
});

test("a reading is stored once, with its own time but none in the future, and admins see who has read what", () => {
  const { db, as, admin, publish } = open();
  publish("One", 0);
  acknowledge(db, as("u0"), { version: 1, readAt: at(3) }, at(5));
  acknowledge(db, as("u0"), { version: 1, readAt: at(4) }, at(5));
  acknowledge(db, as("u1"), { version: 1, readAt: at(99) }, at(5));
  expect(() => acknowledge(db, as("u0"), { version: 2, readAt: at(3) })).toThrow("not_found");
  publish("Two", 1);
  const { version, people } = listReaders(db, admin);
  expect(version).toBe(2);
  expect(people.map(({ name, readings }) => [name, readings])).toEqual([
    [
      "Owner",
      [
        { version: 2, readAt: at(1) },
        { version: 1, readAt: at(0) },
      ],
    ],
    ["U0", [{ version: 1, readAt: at(3) }]],
    ["U1", [{ version: 1, readAt: at(5) }]],
  ]);
});

test("a newcomer practises first: told what is right after each, once each, and nothing of it counts", () => {
  const { db, as, admin, claim } = open();
  const [first, second] = [pair(-3, "first"), pair(null, "second")].map(
    (each) => savePracticePair(db, admin, { pair: each, itemId: null, replaces: null, retire: false }).id,
  ) as [string, string];
  savePracticePair(db, admin, { pair: pair(1, "third"), itemId: null, replaces: null, retire: false });
  expect(claim("u0").practice).toBeNull();
  updateProject(db, admin, { practicePairs: 2 });
  // Whoever has pairs already keeps them; a newcomer gets none.
  expect(claim("u1")).toMatchObject({ pairs: [], practice: { done: 0, wanted: 2 } });
  const next = nextPractice(db, as("u1"));
  expect(next).toEqual({
    ...{ done: 0, wanted: 2 },
    pair: { id: first, prompt: says("user", "first"), left: says("assistant", "a"), right: says("assistant", "b") },
  });
  const answer = { pairId: first, verdict: -1, bothBad: false, durationMs: 5_000 };
  const told = answerPractice(db, as("u1"), answer);
  expect(told).toMatchObject({ match: "near", right: { verdict: -3, why: "because" }, done: 1, wanted: 2, agreed: 1 });
  expect(answerPractice(db, as("u1"), { ...answer, verdict: 3 })).toEqual(told);
  expect(() => answerPractice(db, as("u1"), { ...answer, pairId: "none" })).toThrow("not_found");
  expect(answerPractice(db, as("u1"), { ...answer, pairId: second })).toMatchObject({
    match: "other",
    done: 2,
    agreed: 1,
  });
  expect(nextPractice(db, as("u1")).pair).toBeNull();
  expect(claim("u1")).toMatchObject({ practice: null, pairs: [{}] });

  expect(db.select().from(judgement).all()).toEqual([]);
  expect(getOverview(db, admin)).toMatchObject({ votes: 0, annotators: 0 });
  expect(listPractice(db, admin)).toMatchObject({
    wanted: 2,
    pairs: [{ results: { same: 0, near: 1, other: 0 } }, { results: { other: 1 } }, { results: { same: 0 } }],
    people: [{ userId: "u1", name: "U1", results: { same: 0, near: 1, other: 1 } }],
  });
});

test("who has judged a real pair, and admins, are no newcomers; a scale that cannot say what is right asks less", () => {
  const { db, as, admin, claim, vote } = open();
  vote(claim("u0").pairs[0] as Pair);
  for (const verdict of [0, null, 2])
    savePracticePair(db, admin, { pair: pair(verdict), itemId: null, replaces: null, retire: false });
  updateProject(db, admin, { practicePairs: 5, verdictSteps: 2, allowBothBad: false });
  expect(claim("u0").practice).toBeNull();
  expect(claim("owner").practice).toBeNull();
  expect(claim("u1").practice).toEqual({ done: 0, wanted: 1 });
  const { pair: only } = nextPractice(db, as("u1"));
  const answer = { pairId: only?.id ?? "", verdict: 3, bothBad: false, durationMs: 1 };
  expect(() => answerPractice(db, as("u1"), answer)).toThrow("invalid_input");
  expect(listPractice(db, admin).pairs.map(({ asked }) => asked)).toEqual([false, false, true]);
  const unoffered = { pair: pair(-1), itemId: null, replaces: null, retire: false };
  expect(() => savePracticePair(db, admin, unoffered)).toThrow("invalid_input");
});

test("practice pairs are changed in place, moved and removed; answers keep what they answered; an item may leave the queue", () => {
  const { db, as, admin } = open();
  updateProject(db, admin, { practicePairs: 9 });
  const save = (over: object) =>
    savePracticePair(db, admin, { pair: pair(1), itemId: null, replaces: null, retire: false, ...over }).id;
  const one = save({ itemId: "i3", retire: true });
  const two = save({ itemId: "i4" });
  const retired = (id: string) => db.select().from(item).where(eq(item.id, id)).get()?.retiredAt ?? null;
  expect([retired("i3") === null, retired("i4") === null]).toEqual([false, true]);
  answerPractice(db, as("u1"), { pairId: one, verdict: 1, bothBad: false, durationMs: 1 });
  const better = save({ pair: pair(-2), replaces: one });
  const ids = () => listPractice(db, admin).pairs.map(({ id }) => id);
  expect(ids()).toEqual([better, two]);
  shiftPracticePair(db, admin, better, 1);
  expect(ids()).toEqual([two, better]);
  shiftPracticePair(db, admin, better, 1);
  expect(ids()).toEqual([two, better]);
  removePracticePair(db, admin, two);
  expect(ids()).toEqual([better]);
  expect(() => removePracticePair(db, admin, two)).toThrow("not_found");
  expect(() => save({ replaces: one })).toThrow("not_found");
  expect(() => save({ itemId: "none" })).toThrow("not_found");
  // The answer to the pair that was replaced counts as practice, and says what it said.
  expect(nextPractice(db, as("u1"))).toMatchObject({ done: 1, wanted: 2, pair: { id: better } });
  expect(listPractice(db, admin).people).toMatchObject([{ results: { same: 1, near: 0, other: 0 } }]);
});
