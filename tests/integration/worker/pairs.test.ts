import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { pairBatch } from "@/db/schema/inference";
import { item, response } from "@/db/schema/items";
import { model } from "@/db/schema/runs";
import { cancelBatch, createPairBatch, listBatches } from "@/server/services/pairBatches.service";
import { loadModel } from "@/trainer/generation/loadedModel";
import { generatePairs } from "@/trainer/generation/pairs";
import { openProvider } from "@/trainer/runtime/provider";
import { writeTinyModel } from "../../helpers/tinyModel";
import { admin, type Bench, bench, buildWorker } from "./setup";

let b: Bench;
beforeAll(buildWorker, 60_000);
afterEach(() => b.end());
afterAll(() => b.end());

const nouns = ["cat", "dog", "sun", "mat", "rat", "fox"];
const promptsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => [
    { role: "user" as const, content: `the ${nouns[i % nouns.length]} ${"very ".repeat(i % 40)}is` },
  ]);
const sampling = { maxTokens: 12, temperature: 1, topP: 1, seed: 3 };

function fresh(): Bench {
  b = bench();
  writeTinyModel(`${b.dataDir}/runs/tuned/model`, 2);
  b.db
    .insert(model)
    .values({
      id: "tuned",
      projectId: "p",
      kind: "policy",
      name: "Tuned",
      path: "runs/tuned/model",
      parameters: 1,
      bytes: 1,
    })
    .run();
  return b;
}

const request = (prompts: number, perPrompt: number, more: Partial<typeof sampling> = {}) => ({
  prompts: promptsOf(prompts),
  modelIds: ["starter", "tuned"],
  perPrompt,
  sampling: { ...sampling, ...more },
});
const rowOf = (id: string) => b.db.select().from(pairBatch).where(eq(pairBatch.id, id)).get();
const until = (id: string, state: string) =>
  vi.waitFor(() => expect(rowOf(id)?.state).toBe(state), { timeout: 120_000, interval: 30 });

/** Each item as `prompt|answer by model|answer by model`, the answers in order of their text. */
function stored(): string[] {
  const responses = b.db.select().from(response).all();
  const said = new Map<string, string[]>();
  for (const { itemId, messages, sourceModel } of responses)
    said.set(itemId, [...(said.get(itemId) ?? []), `${messages[0]?.content} by ${sourceModel}`]);
  return b.db
    .select()
    .from(item)
    .all()
    .map(({ id, prompt }) => [prompt[0]?.content, ...(said.get(id) ?? []).sort()].join("|"))
    .sort();
}

/** What the trainer makes of the same request in one go, in this process. */
async function expected(prompts: number, perPrompt: number): Promise<string[]> {
  const provider = await openProvider("onnx-cpu");
  const folders = { "Tiebreak starter 2M": b.starterDir, Tuned: `${b.dataDir}/runs/tuned/model` };
  const models = Object.entries(folders).map(([name, folder]) => ({ ...loadModel(folder, provider), name }));
  const pairs: string[] = [];
  for await (const pair of generatePairs(models, promptsOf(prompts), { perPrompt, sampling })) {
    const said = [`${pair.response_a} by ${pair.model_a}`, `${pair.response_b} by ${pair.model_b}`];
    const [first] = pair.prompt as readonly { content: string }[];
    pairs.push([first?.content, ...said.sort()].join("|"));
  }
  for (const one of models) await one.dispose();
  return [...new Set(pairs)].sort();
}

test("a batch writes the pairs that the trainer makes of it; the same batch again adds none", async () => {
  fresh();
  const { batchId } = createPairBatch(b.db, admin(b.db), request(40, 2));
  b.startWorker();
  await until(batchId, "finished");
  const pairs = await expected(40, 2);
  expect(pairs.length).toBeGreaterThan(60);
  expect(stored()).toEqual(pairs);
  const row = rowOf(batchId);
  expect(row).toMatchObject({ promptsDone: 40, pairsAdded: pairs.length, error: null });
  expect((row?.pairsAdded ?? 0) + (row?.pairsKnown ?? 0) + (row?.pairsLeftOut ?? 0)).toBe(80);
  const metas = b.db.select({ meta: item.meta }).from(item).all();
  for (const { meta } of metas)
    expect(meta).toMatchObject({ source: "batch", batch: batchId, models: "starter, tuned" });

  const again = createPairBatch(b.db, admin(b.db), request(40, 2));
  await until(again.batchId, "finished");
  expect(rowOf(again.batchId)).toMatchObject({ pairsAdded: 0, pairsKnown: 80 - (row?.pairsLeftOut ?? 0) });
  expect(stored()).toEqual(pairs);
}, 180_000);

test("a worker and its child killed in the middle: another goes on, and no pair is there twice or missing", async () => {
  fresh();
  const { batchId } = createPairBatch(b.db, admin(b.db), request(200, 4));
  const first = b.startWorker();
  const reach = (done: number) =>
    vi.waitFor(() => expect(rowOf(batchId)?.promptsDone).toBeGreaterThan(done), { timeout: 120_000, interval: 5 });
  await reach(0);
  process.kill(first.computePid(), "SIGKILL");
  const before = rowOf(batchId)?.promptsDone ?? 0;
  await reach(before);
  first.process.kill("SIGKILL");
  expect(rowOf(batchId)?.state).toBe("running");
  b.startWorker();
  await until(batchId, "finished");
  const pairs = await expected(200, 4);
  expect(stored()).toEqual(pairs);
  expect(rowOf(batchId)).toMatchObject({ promptsDone: 200, pairsAdded: pairs.length });
}, 240_000);

test("a cancelled batch stops and keeps what it has; one that nobody took up ends at once", async () => {
  fresh();
  const waiting = createPairBatch(b.db, admin(b.db), request(2, 1));
  cancelBatch(b.db, admin(b.db), waiting.batchId);
  expect(rowOf(waiting.batchId)?.state).toBe("cancelled");

  const { batchId } = createPairBatch(b.db, admin(b.db), request(2_000, 4));
  b.startWorker();
  await vi.waitFor(() => expect(rowOf(batchId)?.promptsDone).toBeGreaterThan(0), { timeout: 60_000, interval: 20 });
  cancelBatch(b.db, admin(b.db), batchId);
  await until(batchId, "cancelled");
  const row = rowOf(batchId);
  expect(row?.promptsDone).toBeLessThan(2_000);
  expect(stored()).toHaveLength(row?.pairsAdded ?? 0);
  const [listed] = listBatches(b.db, admin(b.db)).batches;
  expect(listed).toMatchObject({
    id: batchId,
    state: "cancelled",
    etaSeconds: null,
    modelNames: ["Tiebreak starter 2M", "Tuned"],
  });
}, 180_000);
