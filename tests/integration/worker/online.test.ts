import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listRunEvents } from "@/db/queries/runs.queries";
import { project } from "@/db/schema/identity";
import { run } from "@/db/schema/runs";
import { warmthLexicon } from "@/server/domain/demo/warmth";
import { removeModel } from "@/server/services/models.service";
import { createRun, getRun, planRun } from "@/server/services/runs.service";
import { admin, type Bench, bench, buildWorker } from "./setup";

/** PPO, GRPO and RLOO from the page's request to the model in the registry. */
let b: Bench;
beforeAll(async () => {
  await buildWorker();
  b = bench();
});
afterAll(() => b.end());

const request = (kind: "reward" | "ppo" | "grpo" | "rloo", more: object = {}) =>
  ({ snapshotId: "s", kind, preset: "quick", ...more }) as const;
const create = (kind: "reward" | "ppo" | "grpo" | "rloo", more: object = {}) =>
  createRun(b.db, admin(b.db), request(kind, more)).runId;
const configOf = (id: string) => b.db.select().from(run).where(eq(run.id, id)).get()?.config as object;
const ended = (id: string) =>
  expect.poll(() => getRun(b.db, admin(b.db), id).state, { timeout: 90_000, interval: 50 }).toBe("finished");

test("without anything that scores answers a run is refused with what to do, and none is planned with one", () => {
  expect(planRun(b.db, admin(b.db), request("ppo"), b).rewards).toEqual([]);
  expect(() => create("ppo")).toThrow(expect.objectContaining({ code: "invalid_input" }));
  expect(() => create("ppo", { rewardId: "rule" })).toThrow(expect.objectContaining({ code: "not_found" }));
  expect(() => create("ppo", { rewardId: "starter" })).toThrow(expect.objectContaining({ code: "not_found" }));
});

test("each runs with the project's reward model, in as many steps as planned, with scored samples and a rise", async () => {
  b.startWorker();
  const judge = create("reward");
  await ended(judge);
  for (const [kind, name] of [
    ["ppo", "PPO, snapshot 1"],
    ["grpo", "GRPO, snapshot 1"],
    ["rloo", "RLOO, snapshot 1"],
  ] as const) {
    const { steps, rewards } = planRun(b.db, admin(b.db), request(kind), b);
    expect(rewards).toEqual([{ id: `m-${judge}`, name: "Reward model, snapshot 1" }]);
    const id = create(kind);
    expect(configOf(id)).toMatchObject({ kind, reward: `runs/${judge}/model` });
    await ended(id);
    const row = getRun(b.db, admin(b.db), id);
    expect(row).toMatchObject({ step: steps, totalSteps: steps, model: { name } });
    expect(row.metrics).toHaveProperty("eval_score_rise");
    const events = listRunEvents(b.db, id, -1, 1000).map(({ event }) => event);
    expect(events.find((e) => e.type === "sample")).toMatchObject({ scores: { base: expect.any(Number) } });
  }
});

test("in a project whose pairs a rule labelled the rule is the reward on request, and else the judge", () => {
  b.db.update(project).set({ disclosure: "rule" }).where(eq(project.id, "p")).run();
  expect(planRun(b.db, admin(b.db), request("ppo"), b).rewards.at(-1)).toEqual({ id: "rule", name: null });
  expect(configOf(create("ppo", { rewardId: "rule" }))).toMatchObject({ reward: warmthLexicon });
  const byModel = configOf(create("grpo"));
  expect(byModel).toMatchObject({ judge: warmthLexicon });
});

test("a reward model that a waiting run needs cannot be removed", () => {
  const waiting = create("rloo");
  const { reward } = configOf(waiting) as { reward: string };
  const judge = `m-${reward.split("/")[1]}`;
  expect(() => removeModel(b.db, admin(b.db), judge, b.dataDir)).toThrow(
    expect.objectContaining({ code: "model_in_use" }),
  );
});
