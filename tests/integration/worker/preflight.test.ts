import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { getPreflight, requestPreflight } from "@/server/services/preflights.service";
import { createRun, getRun } from "@/server/services/runs.service";
import { admin, type Bench, bench, buildWorker } from "./setup";

beforeAll(buildWorker);

let b: Bench;
afterEach(() => b.end());

const request = { snapshotId: "s", kind: "dpo", preset: "quick", settings: { epochs: 2 } } as const;
const comesTo = (id: string, state: string) =>
  expect.poll(() => getPreflight(b.db, admin(b.db), id).state, { timeout: 90_000, interval: 30 }).toBe(state);
const file = () => join(b.dataDir, "snapshots", "c0ffee", "train.jsonl");

test("a look ahead tells the pairs, steps and engine that the run then has, and why pairs are dropped", async () => {
  b = bench();
  const said = (content: string) => [{ role: "assistant", content }];
  const alike = { prompt: [{ role: "user", content: "a" }], chosen: said("same"), rejected: said("same") };
  appendFileSync(file(), `${JSON.stringify({ id: "alike", promptId: "alike", ...alike })}\n`);
  const first = requestPreflight(b.db, admin(b.db), request).preflightId;
  const { preflightId } = requestPreflight(b.db, admin(b.db), request);
  expect(getPreflight(b.db, admin(b.db), first).state).toBe("cancelled");
  b.startWorker();
  await comesTo(preflightId, "finished");
  const { result, error } = getPreflight(b.db, admin(b.db), preflightId);
  expect(error).toBeNull();
  expect(result?.train).toEqual({ used: 48, dropped: { same_answers: 1 } });
  for (const figure of [result?.tokensPerEpoch, result?.residentBytes, result?.stepSeconds]) {
    expect(figure).toBeGreaterThan(0);
  }
  const { runId } = createRun(b.db, admin(b.db), request);
  await expect.poll(() => getRun(b.db, admin(b.db), runId).state, { timeout: 90_000, interval: 30 }).toBe("finished");
  expect(getRun(b.db, admin(b.db), runId)).toMatchObject({
    totalSteps: result?.totalSteps,
    provider: result?.provider,
  });
});

test("what a run would fail of, the look ahead says", async () => {
  b = bench();
  writeFileSync(file(), "{}\n");
  const { preflightId } = requestPreflight(b.db, admin(b.db), request);
  b.startWorker();
  await comesTo(preflightId, "failed");
  expect(getPreflight(b.db, admin(b.db), preflightId).error).toContain("train.jsonl, line 1");
});
