import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import type { Db } from "@/db/client";
import { membership } from "@/db/schema/identity";
import { seedCrowd, testDb } from "../../helpers/testDb";

const bundle = "node_modules/.cache/tiebreak-tests/claimer.mjs";
beforeAll(async () => {
  mkdirSync("node_modules/.cache/tiebreak-tests", { recursive: true });
  const options = { bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "error" } as const;
  await build({ entryPoints: ["tests/integration/tasks/claimer.ts"], outfile: bundle, ...options });
});

const [annotators, items, overlap] = [8, 200, 3];

/** Items whose live leases and counted votes together exceed the overlap, recounted from the rows themselves. */
const overfull = (db: Db): number =>
  db.$client
    .prepare(
      `SELECT count(*) FROM (SELECT item_id FROM assignment WHERE state IN ('leased', 'submitted') GROUP BY item_id HAVING count(*) > ${overlap})`,
    )
    .pluck()
    .get() as number;

const votesPerItem = (db: Db): number[] =>
  db.$client
    .prepare("SELECT count(*) FROM judgement WHERE late = 0 AND action = 'judge' GROUP BY item_id")
    .pluck()
    .all() as number[];

async function runCrowd(killEveryMs: number | null, leaseSeconds: number) {
  const folder = mkdtempSync(join(tmpdir(), "race-"));
  const file = join(folder, "race.db");
  const ledger = join(folder, "acknowledged");
  const db = testDb(file);
  seedCrowd(db, { annotators, items, overlap, leaseSeconds });
  let kills = 0;
  const running = new Set<ChildProcess>();
  const live = (user: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [bundle, file, user, ledger], { stdio: "inherit" });
      running.add(child);
      child.on("exit", (code, signal) => {
        if (code) reject(new Error(`claimer ${user} ended with code ${code}`));
        running.delete(child);
        resolve(signal === "SIGKILL" ? live(user) : undefined);
      });
    });
  let worst = 0;
  const watcher = setInterval(() => {
    worst = Math.max(worst, overfull(db));
  }, 20);
  const killer = setInterval(() => {
    const [victim] = [...running].sort(() => Math.random() - 0.5);
    if (killEveryMs !== null && kills < 12 && victim) {
      kills += 1;
      victim.kill("SIGKILL");
    }
  }, killEveryMs ?? 1000);
  await Promise.all(Array.from({ length: annotators }, (_, i) => live(`u${i}`)));
  clearInterval(watcher);
  clearInterval(killer);
  const acknowledged = existsSync(ledger) ? readFileSync(ledger, "utf8").trim().split("\n") : [];
  return { db, worst: Math.max(worst, overfull(db)), acknowledged, kills };
}

test("8 claimers on 200 items with overlap 3: never over, never short, complete, sides balanced", async () => {
  const { db, worst, acknowledged } = await runCrowd(null, 900);
  expect(worst).toBe(0);
  expect(votesPerItem(db)).toEqual(Array(items).fill(overlap));
  expect(acknowledged).toHaveLength(items * overlap);
  const itemBalance = db.$client.prepare("SELECT max(abs(side_balance)) FROM item").pluck().get();
  expect(itemBalance).toBe(1);
  const balances = db
    .select({ balance: membership.sideBalance })
    .from(membership)
    .all()
    .map((m) => Math.abs(m.balance));
  // The very last items may need a side that nobody left does: then a person gives way. Coins would give about 8 each.
  expect(Math.max(...balances)).toBeLessThanOrEqual(3);
  expect(balances.filter((b) => b <= 1).length).toBeGreaterThanOrEqual(annotators / 2);
});

test("with claimers killed at random no acknowledged vote is lost or doubled", async () => {
  const { db, worst, acknowledged, kills } = await runCrowd(150, 2);
  expect(kills).toBeGreaterThan(0);
  expect(worst).toBe(0);
  expect(votesPerItem(db)).toEqual(Array(items).fill(overlap));
  const ids = acknowledged.map((line) => line.split(" ")[0] as string);
  expect(new Set(ids).size).toBe(ids.length);
  const stored = new Set(db.$client.prepare("SELECT id FROM judgement").pluck().all());
  expect(ids.filter((id) => !stored.has(id))).toEqual([]);
});
