import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { membership, user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";
import { authorize } from "@/server/services/access";
import { claimPairs, type Pair, skipPair, submitVote, undoVote } from "@/server/services/annotate.service";
import { reportProblem, settleProblem } from "@/server/services/flags.service";
import { getItem, listItems } from "@/server/services/items.service";
import { changeVote, getOwnVote, listHistory } from "@/server/services/ownVotes.service";
import { updateProject } from "@/server/services/projects.service";
import { seedCrowd, testDb } from "../../helpers/testDb";

const minute = 60_000;
const t0 = Date.now();
const at = (minutes: number) => new Date(t0 + minutes * minute);

function open(items = 3) {
  const db = testDb(join(mkdtempSync(join(tmpdir(), "judging-")), "test.db"));
  seedCrowd(db, { annotators: 2, items, overlap: 2 });
  db.insert(user).values({ id: "owner", name: "Owner", email: "owner@example.org" }).run();
  db.insert(membership).values({ projectId: "p", userId: "owner", role: "owner" }).run();
  const as = (id: string) => authorize(db, id, "p", "annotator");
  const admin = authorize(db, "owner", "p", "admin");
  const claim = (id = "u0") => claimPairs(db, as(id), { want: 1, holding: [] }).pairs[0] as Pair;
  const plain = { bothBad: false, reason: null, criteria: {}, durationMs: 1000 };
  const vote = (pair: Pair, verdict: number, over: object = {}, when = at(0), id = "u0") =>
    submitVote(db, as(id), { ...pair, submissionId: `${pair.itemId}${id}`, verdict, ...plain, ...over }, when);
  return { db, as, admin, claim, vote };
}

test("a vote that the project does not ask for is refused and nothing is stored", () => {
  const { db, admin, claim, vote } = open();
  updateProject(db, admin, { verdictSteps: 3, criteria: ["Tone"] }, at(-60));
  const pair = claim();
  expect(() => vote(pair, 1, { criteria: { Tone: 2 } })).toThrow("invalid_input");
  expect(() => vote(pair, 2)).toThrow("invalid_input");
  expect(db.select().from(judgement).all()).toEqual([]);
  expect(vote(pair, 2, { criteria: { Tone: -2 } }).stored).toBe("counted");
  const leftIsA = pair.left[0]?.content === "first";
  expect(db.select().from(judgement).get()?.criteria).toEqual({ Tone: leftIsA ? -2 : 2 });
});

test("a pair given out before the project asked differently is judged as it was asked then", () => {
  const { db, admin, claim, vote } = open();
  const pair = claim();
  updateProject(db, admin, { verdictSteps: 2, reasonRequired: true }, at(1));
  expect(vote(pair, -3).stored).toBe("counted");
});

test("each claim tells how the project asks now", () => {
  const { db, as, admin } = open();
  updateProject(db, admin, { verdictSteps: 2, reasonChoices: ["Shorter"] });
  const { rules } = claimPairs(db, as("u0"), { want: 1, holding: [] });
  expect(rules).toEqual({
    ...{ verdictSteps: 2, allowBothBad: true, reasonRequired: false },
    ...{ reasonChoices: ["Shorter"], criteria: [], leaseSeconds: 900 },
  });
});

test("a vote is changed by a new row that supersedes it, while the project allows; the count of votes stays", () => {
  const { db, as, claim, vote } = open();
  const pair = claim();
  const { judgementId } = vote(pair, 2);
  const own = getOwnVote(db, as("u0"), judgementId, at(5));
  expect(own).toMatchObject({ verdict: 2, left: pair.left, right: pair.right, changeableUntil: at(1440) });
  const change = { judgementId, submissionId: "c1", verdict: -1, bothBad: false, reason: "second look", criteria: {} };
  const changed = changeVote(db, as("u0"), change, at(6));
  expect(changeVote(db, as("u0"), change, at(7))).toEqual(changed);
  const rows = db.select().from(judgement).all();
  const sign = pair.left[0]?.content === "first" ? 1 : -1;
  expect(rows.map(({ verdict, supersedesId }) => [verdict, supersedesId])).toEqual([
    [2 * sign, null],
    [-1 * sign, judgementId],
  ]);
  expect(db.select().from(item).where(eq(item.id, pair.itemId)).get()?.votes).toBe(1);
  const { votes, total } = listHistory(db, as("u0"), 10, at(8));
  expect(votes).toMatchObject([{ verdict: -1, changed: true, changeable: true }]);
  expect(total).toBe(1);
  // What was replaced cannot be replaced again, nor can anybody else's, nor what is too old.
  expect(() => changeVote(db, as("u0"), { ...change, submissionId: "c2" }, at(9))).toThrow("not_found");
  expect(() => getOwnVote(db, as("u1"), changed.judgementId, at(9))).toThrow("not_found");
  const late = { ...change, ...changed, submissionId: "c3" };
  expect(() => changeVote(db, as("u0"), late, at(1440))).toThrow("change_too_late");
  expect(listHistory(db, as("u0"), 10, at(1440)).votes).toMatchObject([{ changeable: false }]);
});

test("a changed vote follows the project's rules of now, and none may be changed where the project says so", () => {
  const { db, as, admin, claim, vote } = open();
  const { judgementId } = vote(claim(), 2);
  const change = { judgementId, submissionId: "c", verdict: -1, bothBad: false, reason: null, criteria: {} };
  updateProject(db, admin, { verdictSteps: 3 });
  expect(() => changeVote(db, as("u0"), change, at(1))).toThrow("invalid_input");
  updateProject(db, admin, { changeMinutes: 0 });
  expect(() => changeVote(db, as("u0"), { ...change, verdict: -2 }, at(1))).toThrow("change_too_late");
});

test("undo after a change takes back the pair judged last, not the vote changed last", () => {
  const { db, as, claim, vote } = open();
  const first = vote(claim(), 2, {}, at(0));
  const second = claim();
  vote(second, 1, {}, at(1));
  const change = { judgementId: first.judgementId, submissionId: "c", bothBad: false, reason: null, criteria: {} };
  changeVote(db, as("u0"), { ...change, verdict: -2 }, at(2));
  expect(undoVote(db, as("u0"), "undo", at(3)).pair.assignmentId).toBe(second.assignmentId);
});

test("a report is stored once, admins see it with the item until it is settled, and why people skipped", () => {
  const { db, as, admin, claim } = open();
  const pair = claim();
  const report = { submissionId: "r1", assignmentId: pair.assignmentId, problem: "private" as const, note: "a name" };
  reportProblem(db, as("u0"), report);
  reportProblem(db, as("u0"), report);
  expect(() => reportProblem(db, as("u1"), { ...report, submissionId: "r2" })).toThrow("not_found");
  const reported = () =>
    listItems(db, admin, { cursor: null, state: "reported", search: "", limit: 9 }).items.map(({ id }) => id);
  expect(reported()).toEqual([pair.itemId]);
  skipPair(db, as("u0"), { assignmentId: pair.assignmentId, reason: "topic" });
  const seen = getItem(db, admin, pair.itemId);
  expect(seen.flags).toMatchObject([{ annotator: "U0", problem: "private", note: "a name", settledAt: null }]);
  expect(seen.skips).toMatchObject([{ name: "U0", reason: "topic" }]);
  settleProblem(db, admin, seen.flags[0]?.id ?? "");
  expect(getItem(db, admin, pair.itemId).flags).toMatchObject([{ settledBy: "Owner" }]);
  expect(reported()).toEqual([]);
  expect(() => settleProblem(db, admin, seen.flags[0]?.id ?? "")).toThrow("not_found");
});
