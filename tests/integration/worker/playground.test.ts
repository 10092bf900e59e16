import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { writeTx } from "@/db/client";
import { claimNext } from "@/db/queries/lease.queries";
import { type GenerationEvent, generation, generationEvent, run } from "@/db/schema/runs";
import { readEnv } from "@/server/env";
import { createLog } from "@/server/log";
import { ask, cancelGeneration, followGeneration } from "@/server/services/playground.service";
import { cancelRun } from "@/server/services/runs.control";
import { createRun, followRun } from "@/server/services/runs.service";
import { appRouter } from "@/server/trpc/appRouter";
import { createCallerFactory } from "@/server/trpc/init";
import { answer } from "@/server/worker/answer";
import { ModelCache } from "@/server/worker/modelCache";
import { samplingSchema } from "@/trainer/contracts/inference";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { loadModel } from "@/trainer/generation/loadedModel";
import { openProvider } from "@/trainer/runtime/provider";
import { admin, type Bench, bench, buildWorker } from "./setup";

let b: Bench;
const sampling = { maxTokens: 24, temperature: 0.9, topP: 0.95, seed: 11 };
const madeBy = (runId: string) => `m-${runId}`;
let tuned: string;
let judge: string;

async function finished(runId: string): Promise<void> {
  const state = () => b.db.select({ state: run.state }).from(run).where(eq(run.id, runId)).get()?.state;
  await vi.waitFor(() => expect(state()).toBe("finished"), { timeout: 90_000, interval: 50 });
}

beforeAll(async () => {
  await buildWorker();
  b = bench();
  const request = {
    snapshotId: "s",
    preset: "quick" as const,
    settings: { epochs: 1, "optimizer.learningRate": 0.02 },
  };
  const runs = (["dpo", "reward"] as const).map((kind) => createRun(b.db, admin(b.db), { ...request, kind }).runId);
  b.startWorker();
  for (const id of runs) await finished(id);
  [tuned, judge] = runs.map(madeBy) as [string, string];
}, 60_000);
afterAll(() => b.end());

const follow = (generationId: string, after = 0, signal?: AbortSignal) =>
  followGeneration(b.db, admin(b.db), { generationId, after }, signal);
async function all(generationId: string): Promise<GenerationEvent[]> {
  const events: GenerationEvent[] = [];
  for await (const { event } of follow(generationId)) events.push(event);
  return events;
}
const textOf = (events: readonly GenerationEvent[], modelId: string): string =>
  events.flatMap((e) => (e.type === "text" && e.modelId === modelId ? [e.text] : [])).join("");

test("two models answer as they do on their own, and the reward model scores what they said", async () => {
  const question = { prompt: "the cat is", modelIds: ["starter", tuned], rewardModelId: judge, sampling };
  const events = await all(ask(b.db, admin(b.db), question).generationId);
  expect(events.at(-1)).toEqual({ type: "done" });

  const prompt = [{ role: "user" as const, content: "the cat is" }];
  const reward = loadModel(`${b.dataDir}/runs/${judge.slice(2)}/model`, await openProvider("onnx-cpu"));
  const folders = { starter: b.starterDir, [tuned]: `${b.dataDir}/runs/${tuned.slice(2)}/model` };
  for (const [modelId, folder] of Object.entries(folders)) {
    const model = loadModel(folder, await openProvider("onnx-cpu"));
    const [completion] = await model.complete([{ prompt, sampling }]);
    const alone = completion?.text as string;
    await model.dispose();
    expect(textOf(events, modelId)).toBe(alone);
    expect(events.filter((e) => e.type === "end" && e.modelId === modelId)).toHaveLength(1);
    const [scored] = events.filter((e) => e.type === "score" && e.modelId === modelId);
    const expected = await reward.scoreReward(prompt, [{ role: "assistant", content: alone }]);
    expect((scored as { score: number }).score).toBeCloseTo(expected, 5);
  }
  expect(textOf(events, "starter")).not.toBe(textOf(events, tuned));
});

test("a question is answered while a run trains", async () => {
  const { runId } = createRun(b.db, admin(b.db), {
    snapshotId: "s",
    kind: "dpo",
    preset: "quick",
    settings: { epochs: 50 },
  });
  const stateOf = () => b.db.select().from(run).where(eq(run.id, runId)).get();
  await expect.poll(() => stateOf()?.step, { timeout: 90_000, interval: 10 }).toBeGreaterThan(2);
  const before = stateOf()?.step as number;
  const { generationId } = ask(b.db, admin(b.db), { prompt: "the dog is", modelIds: ["starter", tuned], sampling });
  expect((await all(generationId)).at(-1)).toEqual({ type: "done" });
  expect(stateOf()).toMatchObject({ state: "running" });
  await expect.poll(() => stateOf()?.step, { timeout: 90_000, interval: 10 }).toBeGreaterThan(before);
  cancelRun(b.db, admin(b.db), runId, b.dataDir);
  await expect.poll(() => stateOf()?.state, { timeout: 90_000, interval: 20 }).toBe("cancelled");
});

test("a cancelled answer ends between two tokens, and no score follows", async () => {
  const provider = await openProvider("onnx-cpu");
  const models = [{ id: "starter", folder: b.starterDir }];
  const prompt = [{ role: "user" as const, content: "the sun is" }];
  const question = {
    id: "q",
    prompt,
    models,
    judge: { id: judge, folder: `${b.dataDir}/runs/${judge.slice(2)}/model` },
  };
  const events: GenerationEvent[] = [];
  const stopped = () => events.length >= 3;
  const cache = new ModelCache(async () => provider);
  await answer(
    { ...question, sampling: samplingSchema.parse(sampling) },
    cache,
    (event) => events.push(event),
    stopped,
  );
  expect(events.map((e) => e.type)).toEqual(["text", "text", "text"]);
});

test("a question cancelled before anybody took it up ends at once", async () => {
  const lonely = bench();
  const { generationId } = ask(lonely.db, admin(lonely.db), { prompt: "x", modelIds: ["starter"], sampling });
  cancelGeneration(lonely.db, admin(lonely.db), generationId);
  const events = [];
  for await (const { event } of followGeneration(lonely.db, admin(lonely.db), { generationId, after: 0 }))
    events.push(event);
  expect(events).toEqual([{ type: "done" }]);
});

test("a stream that broke goes on after the last event it had; one that is left stops", async () => {
  const caller = createCallerFactory(appRouter)({
    app: { env: readEnv({ TIEBREAK_DATA: b.dataDir }), db: b.db, log: createLog("web", "error") },
    user: { id: "u", name: "U", email: "u@example.org", instanceAdmin: false },
    requestId: "r",
    clientAddress: "127.0.0.1",
  });
  const runId = tuned.slice(2);
  const read = async (lastEventId?: string) => {
    const ids: number[] = [];
    for await (const [id] of (await caller.runs.events({ projectId: "p", runId, lastEventId })) as AsyncIterable<
      [string, RunEvent]
    >)
      ids.push(Number(id));
    return ids;
  };
  const whole = await read();
  expect(whole).toEqual(whole.map((_, i) => i + 1));
  expect(await read("5")).toEqual(whole.slice(5));

  const queued = createRun(b.db, admin(b.db), {
    snapshotId: "s",
    kind: "dpo",
    preset: "quick",
    settings: { epochs: 50 },
  });
  const controller = new AbortController();
  let seen = 0;
  for await (const _ of followRun(b.db, admin(b.db), { runId: queued.runId, after: 0 }, controller.signal)) {
    seen += 1;
    if (seen === 3) controller.abort();
  }
  expect(seen).toBeGreaterThanOrEqual(3);
  cancelRun(b.db, admin(b.db), queued.runId, b.dataDir);
});

test("an answer that another worker had begun is not begun again; one that nobody took up in time fails with a sentence", async () => {
  const begun = randomUUID();
  const row = { projectId: "p", userId: "u", prompt: [{ role: "user" as const, content: "x" }], modelIds: ["starter"] };
  writeTx(b.db, (tx) => {
    tx.insert(generation)
      .values({ id: begun, ...row, sampling: {}, state: "queued" })
      .run();
    claimNext(tx, "generation", { token: "dead", expiresAt: new Date(Date.now() + 500) }, new Date());
    tx.insert(generationEvent)
      .values({ generationId: begun, seq: 1, event: { type: "text", modelId: "starter", text: "a" } })
      .run();
  });
  expect((await all(begun)).at(-1)).toMatchObject({ type: "failed", message: expect.stringContaining("Ask again") });

  const lonely = bench();
  const old = randomUUID();
  const threeMinutesAgo = new Date(Date.now() - 180_000);
  lonely.db
    .insert(generation)
    .values({ id: old, ...row, sampling: {}, state: "queued", createdAt: threeMinutesAgo })
    .run();
  const events = [];
  const from = { generationId: old, after: 0 };
  for await (const { event } of followGeneration(lonely.db, admin(lonely.db), from)) events.push(event);
  expect(events).toMatchObject([{ type: "failed", message: expect.stringContaining("worker") }]);
});
