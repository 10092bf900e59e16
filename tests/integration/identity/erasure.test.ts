import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { audit } from "@/db/schema/audit";
import { guidelineReading, practiceAnswer } from "@/db/schema/guidance";
import { membership, project, session, user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { assignment, judgement } from "@/db/schema/tasks";
import { combinationRuleSchema } from "@/server/domain/preference";
import { authorize } from "@/server/services/access";
import { claimPairs, submitVote } from "@/server/services/annotate.service";
import { type ErasureMode, erasePerson, getErasure, getPersonalData } from "@/server/services/erasure.service";
import { reportProblem } from "@/server/services/flags.service";
import { acknowledge, publishGuidelines } from "@/server/services/guidelines.service";
import { answerPractice, savePracticePair } from "@/server/services/practice.service";
import { createSnapshot, listSnapshotPairs } from "@/server/services/snapshots.service";
import { jsonLines, openProject } from "../data/dataHelpers";

const rule = combinationRuleSchema.parse({ testShare: 0 });

/** Three pairs; ann and bob judge all of them, ann with words of her own, and a snapshot is made. */
async function open() {
  const p = openProject({ overlap: 2 });
  p.db.update(project).set({ reasonChoices: [] }).run();
  await p.bring(
    "pairs.jsonl",
    jsonLines(["one", "two", "three"].map((prompt) => ({ prompt, answer_a: "x", answer_b: "y" }))),
  );
  const said = [{ role: "user" as const, content: "Hi" }];
  const practised = { prompt: said, a: said, b: said, verdict: 1, bothBad: false, why: "So." };
  const known = savePracticePair(p.db, p.access, { pair: practised, itemId: null, replaces: null, retire: false });
  publishGuidelines(p.db, p.access, { text: "Be kind.", examples: [], change: "", base: 0 });
  for (const id of ["ann", "bob"]) {
    p.db
      .insert(user)
      .values({ id, name: `Name of ${id}`, email: `${id}@example.org` })
      .run();
    p.db.insert(membership).values({ projectId: "p", userId: id, role: "annotator" }).run();
    p.db.insert(session).values({ id, token: id, userId: id, expiresAt: new Date() }).run();
    const mine = authorize(p.db, id, "p", "annotator");
    acknowledge(p.db, mine, { version: 1, readAt: new Date() });
    answerPractice(p.db, mine, { pairId: known.id, verdict: 1, bothBad: false, durationMs: 1 });
    for (let n = 0; n < 3; n++) {
      const [pair] = claimPairs(p.db, mine, { want: 1, holding: [] }).pairs;
      if (!pair) throw new Error("no pair");
      const { assignmentId, leaseToken } = pair;
      if (id === "ann" && n === 0)
        reportProblem(p.db, mine, { submissionId: randomUUID(), assignmentId, problem: "broken", note: "call me" });
      submitVote(p.db, mine, {
        assignmentId,
        leaseToken,
        submissionId: randomUUID(),
        // The same stored answer for both, whatever side it was shown on.
        verdict: pair.left[0]?.content === "x" ? -2 : 2,
        bothBad: false,
        reason: id === "ann" ? "my neighbour says so" : null,
        criteria: {},
        durationMs: 10,
      });
    }
  }
  const owner = authorize(p.db, "admin", "p", "owner");
  const { id: snapshotId } = await createSnapshot(p.store, p.access, { rule, note: "" });
  const pairs = async (id: string) =>
    (await listSnapshotPairs(p.store, p.access, { snapshotId: id, split: "train", offset: 0, limit: 50 })).rows;
  const erase = (mode: ErasureMode) => erasePerson(p.db, owner, { userId: "ann", mode });
  /** Everything in the database as one text, to look for what must not be there. */
  const everything = () =>
    JSON.stringify(
      ["user", "judgement", "assignment", "item_flag", "membership", "account", "session", "claim_cursor"].map(
        (table) => p.db.$client.prepare(`SELECT * FROM ${table}`).all(),
      ),
    );
  return { ...p, owner, snapshotId, pairs, erase, everything };
}

/** What becomes of each column that names a person. A new one must be decided here, and in db/queries/erasure.queries.ts. */
const decided: Record<string, "handed over or deleted" | "deleted" | "with the account" | "stays: who made it"> = {
  "account.user_id": "with the account",
  "api_token.created_by": "deleted",
  "assignment.annotator_id": "handed over or deleted",
  "claim_cursor.annotator_id": "deleted",
  "generation.user_id": "deleted",
  "guideline_reading.user_id": "deleted",
  "guideline_version.created_by": "stays: who made it",
  "import_batch.created_by": "stays: who made it",
  "import_batch.started_by": "stays: who made it",
  "invite.created_by": "stays: who made it",
  "item_flag.annotator_id": "handed over or deleted",
  "item_flag.resolved_by": "deleted",
  "judgement.annotator_id": "handed over or deleted",
  "membership.user_id": "deleted",
  "model_addition.user_id": "stays: who made it",
  "model_compression.user_id": "stays: who made it",
  "pair_batch.user_id": "stays: who made it",
  "practice_answer.user_id": "deleted",
  "practice_pair.created_by": "stays: who made it",
  "preflight.user_id": "stays: who made it",
  "project.created_by": "stays: who made it",
  "run.created_by": "stays: who made it",
  "scoring.user_id": "deleted",
  "session.user_id": "with the account",
  "sign_in_link.user_id": "with the account",
  "snapshot.created_by": "stays: who made it",
  "upload.created_by": "stays: who made it",
  "webhook.created_by": "stays: who made it",
};

test("every column of the database that names a person is decided about, and erased where it says so", async () => {
  const p = await open();
  const tables = p.db.$client.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[];
  const columns = tables.flatMap((table) =>
    (p.db.$client.pragma(`foreign_key_list(${table})`) as { table: string; from: string }[])
      .filter((key) => key.table === "user")
      .map((key) => `${table}.${key.from}`),
  );
  expect(columns.sort()).toEqual(Object.keys(decided).sort());
  p.erase("remove");
  const left = columns.filter((column) => {
    const [table, name] = column.split(".");
    return p.db.$client.prepare(`SELECT 1 FROM ${table} WHERE ${name} = 'ann'`).get() !== undefined;
  });
  expect(left.filter((column) => decided[column] !== "stays: who made it")).toEqual([]);
});

test("what an erasure does is said before, with the snapshots that rest on the votes", async () => {
  const p = await open();
  expect(await getErasure(p.store, p.owner, "ann")).toEqual({
    judgements: 3,
    votes: 3,
    comments: 4,
    reports: 1,
    questions: 0,
    tokens: 0,
    account: true,
    snapshots: [{ number: 1, pairs: 3, runs: 0 }],
  });
  const data = getPersonalData(p.db, p.owner, "ann");
  expect(data).toMatchObject({ person: { email: "ann@example.org" }, reports: [{ note: "call me" }] });
  expect(data).toMatchObject({ guidelinesRead: [{ version: 1 }], practice: [{ verdict: 1, match: "same" }] });
  expect(data.judgements.map(({ reason, superseded }) => [reason, superseded])).toEqual(
    Array(3).fill(["my neighbour says so", false]),
  );
  expect(JSON.stringify(data)).not.toContain("bob");
});

test("anonymised votes count as before, and nothing leads to the person any more", async () => {
  const p = await open();
  const before = await p.pairs(p.snapshotId);
  p.erase("anonymise");
  for (const trace of ["ann@example.org", "Name of ann", "neighbour", "call me"])
    expect(p.everything(), trace).not.toContain(trace);
  expect(p.db.select().from(judgement).where(eq(judgement.annotatorId, "ann")).all()).toEqual([]);
  expect(p.db.select().from(assignment).where(eq(assignment.annotatorId, "ann")).all()).toEqual([]);
  for (const table of [guidelineReading, practiceAnswer])
    expect(p.db.select().from(table).where(eq(table.userId, "ann")).all()).toEqual([]);
  expect(
    p.db
      .select()
      .from(session)
      .all()
      .map(({ userId }) => userId),
  ).toEqual(["bob"]);
  expect(
    new Set(
      p.db
        .select()
        .from(judgement)
        .all()
        .map(({ annotatorKey }) => annotatorKey),
    ).size,
  ).toBe(2);
  expect(p.db.$client.pragma("foreign_key_check")).toEqual([]);
  // The same judgements and rule give the same snapshot.
  expect(await createSnapshot(p.store, p.access, { rule, note: "" })).toMatchObject({
    id: p.snapshotId,
    existed: true,
  });
  expect(await p.pairs(p.snapshotId)).toEqual(before);
  const written = p.db.select().from(audit).where(eq(audit.action, "person.erased")).get();
  expect(written).toMatchObject({ actorId: "admin", details: { mode: "anonymise", judgements: 3, account: true } });
  expect(() => p.erase("anonymise")).toThrow("not_found");
});

test("removed votes are gone, their pairs open again for others, an older snapshot stays as it is", async () => {
  const p = await open();
  const before = await p.pairs(p.snapshotId);
  p.erase("remove");
  expect(
    p.db
      .select()
      .from(judgement)
      .all()
      .map(({ annotatorId }) => annotatorId),
  ).toEqual(["bob", "bob", "bob"]);
  const items = p.db.select().from(item).all();
  expect(items.map(({ votes, openSlots }) => [votes, openSlots])).toEqual(Array(3).fill([1, 1]));
  // Recounted from the showings that are left.
  for (const { id, sideBalance } of items) {
    const shown = p.db.select().from(assignment).where(eq(assignment.itemId, id)).all();
    expect(sideBalance).toBe(shown.reduce((sum, { leftSlot }) => sum + (leftSlot === "a" ? 1 : -1), 0));
  }
  p.db.insert(user).values({ id: "cyd", name: "Cyd", email: "cyd@example.org" }).run();
  p.db.insert(membership).values({ projectId: "p", userId: "cyd", role: "annotator" }).run();
  const cyd = authorize(p.db, "cyd", "p", "annotator");
  acknowledge(p.db, cyd, { version: 1, readAt: new Date() });
  expect(claimPairs(p.db, cyd, { want: 3, holding: [] }).pairs).toHaveLength(3);
  expect(await p.pairs(p.snapshotId)).toEqual(before);
  expect(p.db.$client.pragma("foreign_key_check")).toEqual([]);
});

test("an account that belongs elsewhere too stays; nobody erases themselves or the last owner", async () => {
  const p = await open();
  p.db.insert(project).values({ id: "q", name: "Q" }).run();
  p.db.insert(membership).values({ projectId: "q", userId: "ann", role: "annotator" }).run();
  expect((await getErasure(p.store, p.owner, "ann")).account).toBe(false);
  p.erase("anonymise");
  expect(p.db.select().from(user).where(eq(user.id, "ann")).get()).toMatchObject({ email: "ann@example.org" });
  expect(() => erasePerson(p.db, p.owner, { userId: "admin", mode: "remove" })).toThrow("not_allowed");
});
