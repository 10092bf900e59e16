import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Db, writeTx } from "@/db/client";
import { cancelQuestion, failStale, hasStale, listGenerationEvents } from "@/db/queries/generations.queries";
import { workerOnline } from "@/db/queries/runs.queries";
import { type GenerationEvent, generation } from "@/db/schema/runs";
import { samplingSchema } from "@/trainer/contracts/inference";
import { type Access, authorize } from "./access";
import { getGeneration } from "./playground.answers";
import { checkModel } from "./scorings.service";

export interface Question {
  readonly prompt: string;
  readonly modelIds: readonly string[];
  readonly rewardModelId?: string | null | undefined;
  readonly sampling: {
    readonly maxTokens: number;
    readonly temperature: number;
    readonly topP: number;
    readonly seed: number;
  };
}

/** Queues a question for the worker: each model answers it, the reward model scores the answers. */
export function ask(db: Db, { projectId, userId }: Access<"admin">, question: Question): { generationId: string } {
  const id = randomUUID();
  return writeTx(db, (tx) => {
    const modelIds = [...new Set(question.modelIds)];
    for (const modelId of modelIds) checkModel(tx, projectId, modelId, "policy");
    const rewardModelId = question.rewardModelId ?? null;
    if (rewardModelId !== null) checkModel(tx, projectId, rewardModelId, "reward");
    tx.insert(generation)
      .values({
        id,
        projectId,
        userId,
        prompt: [{ role: "user", content: question.prompt }],
        modelIds,
        rewardModelId,
        sampling: samplingSchema.parse(question.sampling),
        state: "queued",
        createdAt: new Date(),
      })
      .run();
    return { generationId: id };
  });
}

/** Stops the answers between two tokens; one that has ended already stays as it is. */
export function cancelGeneration(db: Db, { projectId }: Access<"admin">, generationId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    const { id } = getGeneration(tx, projectId, generationId);
    cancelQuestion(tx, id, now);
  });
}

const pollMs = 100;
const waitAtMostMs = 120_000;
const nobodyAnswers =
  "No worker took the question up within two minutes. Check that the worker runs (npm start starts it), then ask again.";

/** With no worker there is nobody to give up on old questions but those who wait for them. */
function giveUp(db: Db, now: Date): void {
  const before = new Date(now.getTime() - waitAtMostMs);
  if (!hasStale(db, before) || workerOnline(db, now)) return;
  writeTx(db, (tx) => failStale(tx, before, nobodyAnswers, now));
}

/** A question's stored events after `after` and then those to come, until it has ended and all are told. */
export async function* followGeneration(
  db: Db,
  { projectId, userId }: Access<"admin">,
  { generationId, after }: { readonly generationId: string; readonly after: number },
  signal?: AbortSignal,
): AsyncGenerator<{ seq: number; event: GenerationEvent }> {
  let seen = after;
  while (!signal?.aborted) {
    // A stream lasts long: a role taken away meanwhile ends it.
    authorize(db, userId, projectId, "admin");
    giveUp(db, new Date());
    // The state first: events are written before it becomes final.
    const { state } = getGeneration(db, projectId, generationId);
    for (const row of listGenerationEvents(db, generationId, seen)) {
      yield row;
      seen = row.seq;
    }
    if (state !== "queued" && state !== "running") return;
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}
