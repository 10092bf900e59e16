import { eq } from "drizzle-orm";
import { beforeEach, expect, test } from "vitest";
import { project } from "@/db/schema/identity";
import { model, run, runEvent } from "@/db/schema/runs";
import { getLineage } from "@/server/services/models.service";
import { createRun, getRunCard } from "@/server/services/runs.service";
import { admin, type Bench, bench } from "./setup";

let b: Bench;
beforeEach(() => {
  b = bench({ pairs: 40 });
});

const request = { snapshotId: "s", kind: "dpo", preset: "quick" } as const;

/** A model from another, by a run on the snapshot. */
function tuned(id: string, baseModelId: string, projectId = "p"): string {
  const { runId } = createRun(b.db, admin(b.db), { ...request, baseModelId });
  const rest = { kind: "policy" as const, path: `runs/${runId}/model`, parameters: 1, bytes: 1, snapshotId: "s" };
  b.db
    .insert(model)
    .values({ id, projectId, name: id, baseModelId, runId, ...rest })
    .run();
  b.db.update(run).set({ state: "finished", modelId: id }).where(eq(run.id, runId)).run();
  return runId;
}

test("a model's line leads from the starter over every run and snapshot to it; removed ancestors are still named", () => {
  const first = tuned("first", "starter");
  const second = tuned("second", "first");
  tuned("third", "second");
  tuned("sibling", "first");
  b.db.update(model).set({ deletedAt: new Date() }).where(eq(model.id, "first")).run();
  const { line, children, descent } = getLineage(b.db, admin(b.db), "second");
  expect(
    line.map(({ id, runId, snapshotNumber, deletedAt }) => [id, runId, snapshotNumber, deletedAt !== null]),
  ).toEqual([
    ["starter", null, null, false],
    ["first", first, 1, true],
    ["second", second, 1, false],
  ]);
  expect(children.map(({ id }) => id)).toEqual(["third"]);
  expect(descent).toEqual({ models: 1, runs: 1, pairs: 0 });
});

test("a line that bites its tail ends, and another project's models are not told", () => {
  tuned("a", "starter");
  tuned("b", "a");
  b.db.update(model).set({ baseModelId: "b" }).where(eq(model.id, "a")).run();
  expect(getLineage(b.db, admin(b.db), "b").line.map(({ id }) => id)).toEqual(["a", "b"]);
  b.db.insert(project).values({ id: "other", name: "Other" }).run();
  b.db.update(model).set({ projectId: "other" }).where(eq(model.id, "a")).run();
  expect(getLineage(b.db, admin(b.db), "b").line.map(({ id }) => id)).toEqual(["b"]);
  expect(() => getLineage(b.db, admin(b.db), "a")).toThrow("not_found");
});

test("a card tells the run, its snapshot's rule and every event, and no folder", () => {
  const runId = tuned("made", "starter");
  const said = ["one", "two"].map((message, i) => ({
    runId,
    seq: i + 1,
    event: { type: "log" as const, level: "info" as const, message },
  }));
  b.db.insert(runEvent).values(said).run();
  const card = getRunCard(b.db, admin(b.db), runId);
  expect(card.events.map(({ seq, event }) => [seq, event.type === "log" && event.message])).toEqual([
    [1, "one"],
    [2, "two"],
  ]);
  expect(card.rule).toEqual({});
  expect(card.run).toMatchObject({ id: runId, snapshotNumber: 1, baseModelName: "Tiebreak starter 2M" });
  expect(card.run.config).not.toHaveProperty("output");
});
