import { randomUUID } from "node:crypto";
import { count, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { membership, project } from "@/db/schema/identity";
import { item, response } from "@/db/schema/items";
import { type GenerationEvent, generation, generationEvent, model } from "@/db/schema/runs";
import { judgement } from "@/db/schema/tasks";
import { getLesson, walkPair } from "@/server/services/learn.service";
import { scoreAnswer, sendPair } from "@/server/services/playground.answers";
import { getScoring, requestScoring } from "@/server/services/scorings.service";
import { loadModel } from "@/trainer/generation/loadedModel";
import { openProvider } from "@/trainer/runtime/provider";
import { writeTinyModel } from "../../helpers/tinyModel";
import { admin, type Bench, bench, buildWorker } from "./setup";

let b: Bench;
const prompt = [{ role: "user" as const, content: "the cat is" }];
const say = (content: string) => [{ role: "assistant" as const, content }];

beforeAll(async () => {
  await buildWorker();
  b = bench();
  writeTinyModel(`${b.dataDir}/runs/tuned/model`, 2);
  const row = { projectId: "p", parameters: 1, bytes: 1 };
  b.db
    .insert(model)
    .values({ id: "tuned", kind: "policy", name: "Tuned", path: "runs/tuned/model", ...row })
    .run();
  b.startWorker();
}, 60_000);
afterAll(() => b.end());

/** A question that two models have answered. */
function answered(texts: Readonly<Record<string, string>>, ended: "stop" | "length" | null = "stop"): string {
  const id = randomUUID();
  const modelIds = Object.keys(texts);
  b.db
    .insert(generation)
    .values({ id, projectId: "p", userId: "u", prompt, modelIds, sampling: { seed: 7 }, state: "finished" })
    .run();
  const events = Object.entries(texts).flatMap(([modelId, text]): GenerationEvent[] => [
    { type: "text", modelId, text: text.slice(0, 3) },
    { type: "text", modelId, text: text.slice(3) },
    ...(ended ? [{ type: "end" as const, modelId, reason: ended, tokens: 2, seconds: 1 }] : []),
  ]);
  for (const [i, event] of events.entries())
    b.db
      .insert(generationEvent)
      .values({ generationId: id, seq: i + 1, event })
      .run();
  return id;
}

async function scored(scoringId: string) {
  const get = () => getScoring(b.db, admin(b.db), scoringId);
  await vi.waitFor(() => expect(["queued", "running"]).not.toContain(get().state), { timeout: 60_000, interval: 30 });
  return get();
}

test("the tokens of an answer are scored by both models as each would on its own; a cut answer has no end of text", async () => {
  const text = " sat on the mat.";
  const generationId = answered({ starter: " ran.", tuned: text });
  const asked = { generationId, modelId: "tuned", byModelIds: ["starter", "tuned"] };
  const whole = await scored(scoreAnswer(b.db, admin(b.db), asked).scoringId);
  expect(whole).toMatchObject({ state: "finished", error: null });
  for (const [id, folder] of [
    ["starter", b.starterDir],
    ["tuned", `${b.dataDir}/runs/tuned/model`],
  ] as const) {
    const alone = loadModel(folder, await openProvider("onnx-cpu"));
    const expected = await alone.scoreTokens(prompt, say(text));
    await alone.dispose();
    const found = whole.result?.[0]?.tokens[id] ?? [];
    expect(found.map((t) => t.text).join("")).toBe(text);
    expect(found).toHaveLength(expected.length);
    found.forEach(({ logProb }, i) => {
      expect(logProb).toBeCloseTo(expected[i]?.logProb as number, 4);
    });
  }
  const cut = answered({ starter: " ran.", tuned: text }, "length");
  const part = await scored(scoreAnswer(b.db, admin(b.db), { ...asked, generationId: cut }).scoringId);
  expect(part.result?.[0]?.tokens.tuned).toEqual(whole.result?.[0]?.tokens.tuned?.slice(0, -1));
}, 60_000);

test("a question about a model that is gone fails with a sentence", async () => {
  const gone = { id: "gone", kind: "policy", name: "Gone", path: "runs/gone/model", parameters: 1, bytes: 1 } as const;
  b.db
    .insert(model)
    .values({ ...gone, projectId: "p" })
    .run();
  const asked = { prompt, answers: [{ messages: say(" x"), ended: true }], modelIds: ["gone"], rewardModelId: null };
  const { scoringId } = requestScoring(b.db, admin(b.db), asked);
  b.db.update(model).set({ deletedAt: new Date() }).where(eq(model.id, "gone")).run();
  const { state, error } = await scored(scoringId);
  expect([state, error]).toEqual(["failed", expect.stringMatching(/removed|folder|gone/)]);
});

test("a pair of the project is walked: what people preferred is chosen, under the policy and what it was tuned from", async () => {
  const { itemId } = sendPair(b.db, admin(b.db), {
    generationId: answered({ starter: " is sad.", tuned: " is glad." }),
    modelIds: ["starter", "tuned"],
    targetProjectId: "p",
  });
  expect(getLesson(b.db, admin(b.db), null).pair).toBeNull();
  const sides = b.db.select().from(response).where(eq(response.itemId, itemId)).all();
  const glad = sides.find(({ messages }) => messages[0]?.content === " is glad.")?.slot;
  // Two for the glad answer, one against it, and one that finds them equal: (2 + ½) / 4.
  for (const [i, verdict] of [2, 1, -3, 0].entries())
    b.db
      .insert(judgement)
      .values({
        id: `j${i}`,
        projectId: "p",
        itemId,
        annotatorKey: `import:f:${i}`,
        verdict: glad === "b" || verdict === 0 ? verdict : -verdict,
        submissionId: `s${i}`,
      })
      .run();
  const { pair, pairs, policies, rewards } = getLesson(b.db, admin(b.db), itemId);
  expect(pairs).toEqual([{ id: itemId, prompt: "the cat is" }]);
  expect(pair).toMatchObject({
    id: itemId,
    prompt,
    chosen: say(" is glad."),
    rejected: say(" is sad."),
    probability: 0.625,
  });
  // No run made it: the settings are the usual ones.
  const settings = { beta: 0.1, ppo: { beta: 0.05, clip: 0.2 } };
  expect(policies.find(({ id }) => id === "tuned")).toEqual({
    id: "tuned",
    name: "Tuned",
    reference: null,
    ...settings,
  });
  expect(rewards).toEqual([]);
  const asked = { itemId, policyId: "tuned", referenceId: "starter", rewardModelId: null };
  const { result } = await scored(walkPair(b.db, admin(b.db), asked).scoringId);
  const texts = result?.map(({ tokens, reward }) => [
    ...Object.values(tokens).map((list) => list.map(({ text }) => text).join("")),
    reward,
  ]);
  expect(texts).toEqual([
    [" is glad.", " is glad.", null],
    [" is sad.", " is sad.", null],
  ]);
}, 60_000);

const items = (projectId: string) =>
  b.db.select({ n: count() }).from(item).where(eq(item.projectId, projectId)).get()?.n ?? 0;

test("two answers become an item of a project where the sender is admin; once more adds nothing, either way round", () => {
  b.db.insert(project).values({ id: "q", name: "Other", overlap: 3 }).run();
  b.db.insert(membership).values({ projectId: "q", userId: "u", role: "owner" }).run();
  const generationId = answered({ starter: " ran.", tuned: " sat on the mat." });
  const asked = { generationId, modelIds: ["starter", "tuned"] as const, targetProjectId: "q" };
  const first = sendPair(b.db, admin(b.db), asked);
  expect(first).toMatchObject({ projectId: "q", added: true });
  const row = b.db.select().from(item).where(eq(item.id, first.itemId)).get();
  expect(row).toMatchObject({
    projectId: "q",
    prompt,
    openSlots: 3,
    meta: { source: "playground", models: "starter, tuned", seed: 7 },
  });
  const sides = b.db.select().from(response).where(eq(response.itemId, first.itemId)).all();
  const said = sides.map(({ messages, sourceModel }) => [messages[0]?.content, sourceModel]).sort();
  expect(said).toEqual([
    [" ran.", "Tiebreak starter 2M"],
    [" sat on the mat.", "Tuned"],
  ]);
  expect(sendPair(b.db, admin(b.db), { ...asked, modelIds: ["tuned", "starter"] })).toEqual({ ...first, added: false });
  expect(items("q")).toBe(1);
});

test("no pair goes to a project of others, nor to one where the sender only votes", () => {
  const generationId = answered({ starter: " ran.", tuned: " sat." });
  b.db.insert(project).values({ id: "votes", name: "Votes" }).run();
  b.db.insert(membership).values({ projectId: "votes", userId: "u", role: "annotator" }).run();
  b.db.insert(project).values({ id: "foreign", name: "Foreign" }).run();
  const send = (targetProjectId: string) =>
    sendPair(b.db, admin(b.db), { generationId, modelIds: ["starter", "tuned"], targetProjectId });
  expect(() => send("votes")).toThrow("not_allowed");
  expect(() => send("foreign")).toThrow("not_found");
  expect(items("votes") + items("foreign")).toBe(0);
});

test("answers that are equal, empty or unfinished are no pair", () => {
  const refused = [
    answered({ starter: " ran.", tuned: "ran. " }),
    answered({ starter: " ran.", tuned: "  " }),
    answered({ starter: " ran.", tuned: " sat." }, null),
  ];
  for (const generationId of refused) {
    const asked = { generationId, modelIds: ["starter", "tuned"] as const, targetProjectId: "p" };
    expect(() => sendPair(b.db, admin(b.db), asked)).toThrow("invalid_input");
  }
});
