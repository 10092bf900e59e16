import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { user } from "@/db/schema/identity";
import { item } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";
import { type CombinationRule, combinationRuleSchema } from "@/server/domain/preference";
import { retireItem } from "@/server/services/items.service";
import { collectPairs } from "@/server/services/snapshots.pairs";
import { createSnapshot, listSnapshotPairs, listSnapshots, previewSnapshot } from "@/server/services/snapshots.service";
import { datasetManifestSchema, type PreferenceExample } from "@/trainer/contracts/example";
import { readPreferences } from "@/trainer/data/examples";
import { jsonLines, openProject } from "./dataHelpers";

const rule = (given: Partial<CombinationRule> = {}) => combinationRuleSchema.parse({ testShare: 0, ...given });

type Said = number | "both bad" | { verdict: number; late?: boolean; undone?: boolean };

/** Items "q0", "q1", … (x as a, y as b) with what annotators said of each, in stored order. */
async function judged(said: Record<string, Said[]>) {
  const p = openProject();
  const rows = Object.keys(said).map((prompt) => ({ prompt, answer_a: "x", answer_b: "y" }));
  await p.bring("pairs.jsonl", jsonLines(rows));
  const people = Math.max(...Object.values(said).map((list) => list.length));
  for (let i = 0; i < people; i++)
    p.db
      .insert(user)
      .values({ id: `u${i}`, name: `Name ${i}`, email: `u${i}@example.org` })
      .run();
  const idOf = (prompt: string) =>
    p.db
      .select()
      .from(item)
      .all()
      .find((row) => row.prompt[0]?.content === prompt)?.id as string;
  for (const [prompt, list] of Object.entries(said)) for (const [i, one] of list.entries()) say(idOf(prompt), i, one);
  function say(itemId: string, who: number, one: Said): void {
    const {
      verdict,
      late = false,
      undone = false,
    } = one === "both bad" ? { verdict: null } : typeof one === "number" ? { verdict: one } : one;
    const key = { projectId: "p", itemId, annotatorId: `u${who}`, annotatorKey: `u${who}` };
    const id = `${itemId}-${who}`;
    const row = { ...key, id, submissionId: id, verdict, bothBad: verdict === null, late, reason: "secret reason" };
    p.db.insert(judgement).values(row).run();
    if (!undone) return;
    p.db
      .insert(judgement)
      .values({ ...key, id: `${id}u`, submissionId: `${id}u`, action: "undo", supersedesId: id })
      .run();
  }
  const create = (given: Partial<CombinationRule> = {}, note = "") =>
    createSnapshot(p.store, p.access, { rule: rule(given), note });
  const files = () => {
    const { contentHash } = listSnapshots(p.db, p.access)[0] as { contentHash: string };
    return join(p.store.snapshotsDir, contentHash);
  };
  return { ...p, create, files, say, idOf };
}

const byPrompt = (examples: readonly PreferenceExample[]) =>
  Object.fromEntries(
    examples.map(({ prompt, chosen, rejected, probability, strength }) => [
      prompt[0]?.content,
      [chosen[0]?.content, rejected[0]?.content, Number(probability.toFixed(6)), Number(strength.toFixed(6))],
    ]),
  );

describe("what is in a snapshot", () => {
  // By hand: q0 one vote of 2 for y. q1: two of three for x, one tie: (2 + ½)/3, |−3 −1 + 0|/3. q2: 2 of 3 for y, |−3 + 1 + 3|/3.
  const said: Record<string, Said[]> = {
    q0: [2],
    q1: [-3, -1, 0],
    q2: [-3, 1, 3],
    even: [-3, 1],
    ties: [0, 0],
    bad: ["both bad", "both bad", -1],
    silent: [],
    late: [{ verdict: 3, late: true }],
    undone: [{ verdict: 3, undone: true }],
    partlyUndone: [{ verdict: 3, undone: true }, -1],
  };

  test("pairs, probabilities and exclusions as worked out by hand", async () => {
    const p = await judged(said);
    await p.create();
    expect(byPrompt(readPreferences(p.files(), "train"))).toEqual({
      q0: ["y", "x", 1, 2],
      q1: ["x", "y", 0.833333, 1.333333],
      q2: ["y", "x", 0.666667, 0.333333],
      partlyUndone: ["x", "y", 1, 1],
    });
    expect(listSnapshots(p.db, p.access)).toMatchObject([
      {
        number: 1,
        trainPairs: 4,
        testPairs: 0,
        prompts: 4,
        judgements: 8,
        excluded: { tie: 2, both_bad: 1, too_few_judgements: 3 },
        runs: 0,
      },
    ]);
  });

  test("a prior pulls towards a half, agreement and number of votes leave items out", async () => {
    const p = await judged(said);
    await p.create({ prior: 1, minAgreement: 0.75, minJudgements: 2 });
    // q1: (2 + ½ + 1)/(3 + 2). q2 has 2 of 3 and falls below three quarters.
    expect(byPrompt(readPreferences(p.files(), "train"))).toEqual({ q1: ["x", "y", 0.7, 1.333333] });
    expect(listSnapshots(p.db, p.access)[0]?.excluded).toEqual({
      tie: 2,
      both_bad: 1,
      disagreement: 1,
      too_few_judgements: 5,
    });
    expect(await previewSnapshot(p.db, p.access, rule({ minJudgements: 2 }))).toMatchObject({ trainPairs: 2 });
  });

  test("a file's judgements count only when the rule says so, and empty answers are left out", async () => {
    const p = openProject();
    await p.bring("d.jsonl", jsonLines([{ prompt: "q", chosen: "x", rejected: "y" }]));
    const mapping = {
      prompt: "p",
      responseA: "a",
      responseB: "b",
      meaning: "unordered" as const,
      labels: [{ column: "l", who: "l" }],
    };
    await p.bring("e.jsonl", jsonLines([{ p: "r", a: "x", b: "", l: -2 }]), mapping);
    expect(await previewSnapshot(p.db, p.access, rule())).toMatchObject({
      trainPairs: 1,
      excluded: { empty_response: 1 },
    });
    expect(await previewSnapshot(p.db, p.access, rule({ useImported: false }))).toMatchObject({
      trainPairs: 0,
      excluded: { too_few_judgements: 2 },
    });
    await createSnapshot(p.store, p.access, { rule: rule(), note: "" });
    const [made] = listSnapshots(p.db, p.access);
    const { rows } = await listSnapshotPairs(p.store, p.access, {
      snapshotId: made?.id ?? "",
      split: "train",
      offset: 0,
      limit: 5,
    });
    expect(byPrompt(rows)).toEqual({ q: ["x", "y", 1, 2] });
  });

  test("retired items are not in it", async () => {
    const p = await judged({ q0: [2], q1: [2] });
    retireItem(p.db, p.access, p.idOf("q0"));
    expect(await previewSnapshot(p.db, p.access, rule())).toMatchObject({ trainPairs: 1, excluded: {} });
  });

  test("manifest and card agree with the files, and name nobody", async () => {
    const p = await judged(said);
    await p.create({}, "A note.");
    const manifest = datasetManifestSchema.parse(JSON.parse(readFileSync(join(p.files(), "manifest.json"), "utf8")));
    expect(manifest).toMatchObject({ name: "Test", number: 1, train: 4, test: 0, rule: rule() });
    const card = readFileSync(join(p.files(), "README.md"), "utf8");
    expect(card).toContain("| pairs for training | 4 |");
    expect(card).toContain("- 2: an even split, or nothing but ties");
    const all = readdirSync(p.files())
      .map((name) => readFileSync(join(p.files(), name), "utf8"))
      .join("\n");
    expect(all).not.toMatch(/Name \d|example\.org|u0|secret reason|A note/);
  });
});

describe("the same content is the same snapshot", () => {
  test("nothing new returns the newest, also for two at once; a vote makes another", async () => {
    const p = await judged({ q0: [2], q1: [-1], q2: [] });
    const [first, second] = await Promise.all([p.create(), p.create()]);
    expect(first).toMatchObject({ number: 1, existed: false });
    expect(second).toEqual({ ...first, existed: true });
    expect(await p.create({ splitSeed: 1 })).toMatchObject({ number: 2, existed: false });
    // Back to the first rule: not the newest any more, so a new number on the same files.
    expect(await p.create()).toMatchObject({ number: 3, existed: false });
    p.say(p.idOf("q2"), 0, 3);
    expect(await p.create()).toMatchObject({ number: 4, existed: false });
    const hashes = listSnapshots(p.db, p.access).map((row) => row.contentHash);
    expect(hashes[1]).toBe(hashes[3]);
    expect(new Set(hashes).size).toBe(3);
    expect(readdirSync(p.store.snapshotsDir).toSorted()).toEqual([...new Set(hashes)].toSorted());
  });

  test("the order in which rows came in does not matter", async () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({ prompt: `q${i % 100}`, chosen: `x${i}`, rejected: "y" }));
    const hashOf = async (list: object[]) => {
      const p = openProject();
      await p.bring("d.jsonl", jsonLines(list));
      await createSnapshot(p.store, p.access, { rule: rule({ testShare: 0.2 }), note: "" });
      return listSnapshots(p.db, p.access)[0]?.contentHash;
    };
    const hash = await hashOf(rows);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await hashOf(rows.toReversed())).toBe(hash);
    expect(await hashOf(rows.slice(1))).not.toBe(hash);
  });

  test("files that an interrupted attempt left are replaced", async () => {
    const p = await judged({ q0: [2] });
    await p.create();
    const folder = p.files();
    p.db.$client.exec("DELETE FROM snapshot");
    writeFileSync(join(folder, "train.jsonl"), "half a li");
    mkdirSync(join(p.store.snapshotsDir, ".part-old"), { recursive: true });
    await p.create();
    expect(readPreferences(folder, "train")).toHaveLength(1);
  });
});

test("no prompt is in both files, about the share is held out, and another seed holds out others", async () => {
  const p = openProject();
  const rows = Array.from({ length: 900 }, (_, i) => ({ prompt: `q${i % 300}`, chosen: `x${i}`, rejected: "y" }));
  await p.bring("d.jsonl", jsonLines(rows));
  const held = async (splitSeed: number) => {
    await createSnapshot(p.store, p.access, { rule: rule({ testShare: 0.3, splitSeed }), note: "" });
    const { contentHash = "" } = listSnapshots(p.db, p.access)[0] ?? {};
    const prompts = (split: "train" | "test") =>
      new Set(readPreferences(join(p.store.snapshotsDir, contentHash), split).map((row) => row.promptId));
    const [train, test] = [prompts("train"), prompts("test")];
    expect(train.size + test.size).toBe(300);
    for (const id of test) {
      expect(train.has(id)).toBe(false);
      // The definition, by another way of counting: the hash as a number of 256 bits.
      const hash = BigInt(`0x${createHash("sha256").update(`${splitSeed}:${id}`).digest("hex")}`);
      expect(Number((hash * 1_000_000n) >> 256n) / 1e6).toBeLessThan(0.3);
    }
    return test;
  };
  const [zero, one] = [await held(0), await held(1)];
  // 300 prompts, share 0.3: 90 ± 3·√63.
  for (const { size } of [zero, one]) expect(Math.abs(size - 90)).toBeLessThan(24);
  expect([...zero].every((id) => one.has(id))).toBe(false);
});

test("nothing to train on is refused with the reasons, and leaves nothing behind", async () => {
  const p = await judged({ q0: [0], q1: [] });
  await expect(p.create()).rejects.toMatchObject({
    code: "snapshot_empty",
    details: { tie: 1, too_few_judgements: 1 },
  });
  expect(readdirSync(p.store.snapshotsDir)).toEqual([]);
  expect(listSnapshots(p.db, p.access)).toEqual([]);
});

test("pages of rows, and nobody else's snapshot", async () => {
  const p = openProject();
  await p.bring(
    "d.jsonl",
    jsonLines(Array.from({ length: 25 }, (_, i) => ({ prompt: `q${i}`, chosen: "x", rejected: "y" }))),
  );
  const { id } = await createSnapshot(p.store, p.access, { rule: rule(), note: "" });
  const page = (offset: number) =>
    listSnapshotPairs(p.store, p.access, { snapshotId: id, split: "train", offset, limit: 10 });
  const pages = [await page(0), await page(10), await page(20), await page(30)];
  expect(pages.map(({ rows, total }) => [rows.length, total])).toEqual([
    [10, 25],
    [10, 25],
    [5, 25],
    [0, 25],
  ]);
  expect(new Set(pages.flatMap(({ rows }) => rows.map((row) => row.id))).size).toBe(25);
  const other = openProject({ projectId: "other" });
  await expect(
    listSnapshotPairs({ ...other.store, db: p.db }, other.access, {
      snapshotId: id,
      split: "train",
      offset: 0,
      limit: 1,
    }),
  ).rejects.toMatchObject({ code: "not_found" });
});

test("votes are stored while pairs are read, and do not slip in", async () => {
  const p = openProject();
  const rows = Array.from({ length: 1200 }, (_, i) => ({ prompt: `q${i}`, chosen: "x", rejected: "y" }));
  await p.bring("d.jsonl", jsonLines(rows));
  let pages = 0;
  const counts = await collectPairs(p.db.$client.name, "p", rule(), {
    async write() {
      pages += 1;
      // As if everybody took their votes back while the first page is written.
      p.db.update(judgement).set({ late: true }).run();
    },
    async writeResponses() {},
  });
  expect(pages).toBe(3);
  expect(counts.trainPairs).toBe(1200);
  expect(await previewSnapshot(p.db, p.access, rule())).toMatchObject({ trainPairs: 0 });
});
