import { afterEach, beforeAll, expect, test } from "vitest";
import { examineMachine, getMachine } from "@/server/services/machine.service";
import { admin, type Bench, bench, buildWorker } from "./setup";

beforeAll(buildWorker);

let b: Bench;
afterEach(() => b.end());

test("an admin asks, the worker measures in a process of its own, the report is there and stays while it is made again", async () => {
  b = bench();
  expect(getMachine(b.db, admin(b.db))).toEqual({ state: "idle", report: null, reportedAt: null, error: null });
  examineMachine(b.db, admin(b.db));
  expect(getMachine(b.db, admin(b.db)).state).toBe("waiting");
  b.startWorker();
  const state = () => getMachine(b.db, admin(b.db)).state;
  await expect.poll(state, { timeout: 30_000, interval: 30 }).toBe("measuring");
  // Asking twice is asking once.
  examineMachine(b.db, admin(b.db));
  await expect.poll(state, { timeout: 110_000, interval: 200 }).toBe("idle");
  const { report, error } = getMachine(b.db, admin(b.db));
  expect(error).toBeNull();
  const cpu = report?.providers.find((p) => p.name === "onnx-cpu");
  expect(cpu).toMatchObject({ available: true, missing: null });
  expect(cpu?.tokensPerSecond).toBeGreaterThan(0);
  examineMachine(b.db, admin(b.db));
  expect(getMachine(b.db, admin(b.db)).report).toEqual(report);
});
