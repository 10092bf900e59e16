import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { item } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";
import { authorize } from "@/server/services/access";
import {
  claimPairs,
  type Pair,
  releasePairs,
  renewLeases,
  skipPair,
  submitVote,
  undoVote,
} from "@/server/services/annotate.service";
import { seedCrowd, testDb } from "../../helpers/testDb";

function open(crowd: Parameters<typeof seedCrowd>[1]) {
  const db = testDb(join(mkdtempSync(join(tmpdir(), "annotate-")), "test.db"));
  seedCrowd(db, crowd);
  const as = (user: string) => authorize(db, user, "p", "annotator");
  const claim = (user: string, now?: Date) => claimPairs(db, as(user), { want: 1, holding: [] }, now).pairs[0] as Pair;
  const vote = (user: string, pair: Pair, submissionId: string, verdict = -2, now?: Date) =>
    submitVote(
      db,
      as(user),
      { ...pair, submissionId, verdict, bothBad: false, reason: null, criteria: {}, durationMs: 1000 },
      now,
    );
  const itemNow = () => db.select().from(item).where(eq(item.id, "i0")).get();
  return { db, as, claim, vote, itemNow };
}

test("a connection that acknowledges votes waits for the disk", () => {
  const { db } = open({ annotators: 1, items: 0, overlap: 1 });
  expect(db.$client.pragma("synchronous", { simple: true })).toBe(2); // FULL
});

test("the same submission id returns the stored vote, another one on the same pair is refused", () => {
  const { db, claim, vote } = open({ annotators: 1, items: 1, overlap: 1 });
  const pair = claim("u0");
  const first = vote("u0", pair, "s1");
  expect(vote("u0", pair, "s1")).toEqual({ ...first, replayed: true });
  expect(() => vote("u0", pair, "s2")).toThrow("already_judged");
  expect(db.select().from(judgement).all()).toHaveLength(1);
});

test("a verdict for the left answer is stored against the answer that was left", () => {
  const { db, claim, vote } = open({ annotators: 1, items: 1, overlap: 1 });
  const pair = claim("u0");
  vote("u0", pair, "s1", -3);
  const [row] = db.select().from(judgement).all();
  const leftIsA = pair.left[0]?.content === "first";
  expect(row).toMatchObject({ leftSlot: leftIsA ? "a" : "b", verdict: leftIsA ? -3 : 3 });
});

test("an annotator's pair says nothing of models, meta or other votes", () => {
  const { claim } = open({ annotators: 1, items: 1, overlap: 1 });
  expect(JSON.stringify(claim("u0"))).not.toMatch(/secret-model|other-model|votes|balance|meta/);
});

test("an expired lease goes to somebody else; the first person's vote is kept as late and does not count", () => {
  const { claim, vote, itemNow } = open({ annotators: 2, items: 1, overlap: 1, leaseSeconds: 60 });
  const slow = claim("u0", new Date(0));
  expect(claim("u1", new Date(30_000))).toBeUndefined();
  const quick = claim("u1", new Date(61_000));
  expect(vote("u1", quick, "quick", 1, new Date(62_000)).stored).toBe("counted");
  expect(vote("u0", slow, "slow", 1, new Date(63_000)).stored).toBe("late");
  expect(itemNow()).toMatchObject({ votes: 1, openSlots: 0 });
});

test("an expired lease that nobody took still counts", () => {
  const { claim, vote, itemNow } = open({ annotators: 2, items: 2, overlap: 1, leaseSeconds: 60 });
  const slow = claim("u0", new Date(0));
  expect(vote("u0", slow, "s", 1, new Date(500_000)).stored).toBe("counted");
  expect(itemNow()).toMatchObject({ votes: 1, openSlots: 0 });
});

test("undo brings the pair back to the same person, keeps the slot, and a new vote supersedes", () => {
  const { db, as, claim, vote, itemNow } = open({ annotators: 2, items: 1, overlap: 1 });
  const pair = claim("u0");
  vote("u0", pair, "s1", 2);
  const undone = undoVote(db, as("u0"), "undo1");
  expect(undone.previous).toMatchObject({ verdict: 2 });
  expect(undone.pair).toMatchObject({ itemId: "i0", left: pair.left });
  expect(undoVote(db, as("u0"), "undo1").pair.itemId).toBe("i0");
  expect(claim("u1")).toBeUndefined();
  expect(itemNow()).toMatchObject({ votes: 0, openSlots: 0 });
  vote("u0", undone.pair, "s2", -1);
  expect(itemNow()).toMatchObject({ votes: 1, openSlots: 0 });
  expect(db.select().from(judgement).all()).toHaveLength(3);
});

test("a skipped pair goes to others and never comes back", () => {
  const { db, as, claim } = open({ annotators: 2, items: 1, overlap: 1 });
  skipPair(db, as("u0"), { assignmentId: claim("u0").assignmentId, reason: "unreadable" });
  expect(claim("u0")).toBeUndefined();
  expect(claim("u1").itemId).toBe("i0");
});

test("nobody can vote on somebody else's pair", () => {
  const { claim, vote } = open({ annotators: 2, items: 1, overlap: 1 });
  const pair = claim("u0");
  expect(() => vote("u1", pair, "s")).toThrow("not_found");
});

test("a pair that comes back does so the same way round, so a vote from the older page means the same", () => {
  const { db, as, claim, vote } = open({ annotators: 2, items: 1, overlap: 2 });
  const older = claim("u0");
  releasePairs(db, as("u0"), [older]);
  // Now the item would rather be shown the other way round.
  expect(claim("u1").left).toEqual(older.left);
  const newer = claim("u0");
  expect(newer.leaseToken).not.toBe(older.leaseToken);
  expect(newer.left).toEqual(older.left);
  vote("u0", older, "s1", -3);
  const leftIsA = older.left[0]?.content === "first";
  expect(db.select().from(judgement).get()).toMatchObject({ verdict: leftIsA ? -3 : 3 });
});

test("a pair given back by a reload is kept again, unless somebody has it", () => {
  const { db, as, claim, itemNow } = open({ annotators: 2, items: 1, overlap: 1 });
  const pair = claim("u0");
  releasePairs(db, as("u0"), [pair]);
  expect(renewLeases(db, as("u0"), [pair]).alive).toEqual([pair.assignmentId]);
  expect(itemNow()).toMatchObject({ openSlots: 0 });
  expect(claim("u1")).toBeUndefined();
  releasePairs(db, as("u0"), [pair]);
  claim("u1");
  expect(renewLeases(db, as("u0"), [pair]).alive).toEqual([]);
  expect(itemNow()).toMatchObject({ openSlots: 0 });
});

test("a skipped pair is not kept again", () => {
  const { db, as, claim } = open({ annotators: 1, items: 1, overlap: 1 });
  const pair = claim("u0");
  skipPair(db, as("u0"), { assignmentId: pair.assignmentId, reason: null });
  expect(renewLeases(db, as("u0"), [pair]).alive).toEqual([]);
});
