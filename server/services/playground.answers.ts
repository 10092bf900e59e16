import { and, eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import { listGenerationEvents } from "@/db/queries/generations.queries";
import { findModelById } from "@/db/queries/models.queries";
import { audit } from "@/db/schema/audit";
import { type GenerationEvent, generation } from "@/db/schema/runs";
import { samplingSchema } from "@/trainer/contracts/inference";
import type { Message } from "@/trainer/contracts/message";
import { DomainError } from "../domain/errors";
import type { ImportedPair } from "../domain/imports/readPair";
import { type Access, authorize } from "./access";
import { writePairs } from "./imports.chunk";
import { requestScoring } from "./scorings.service";

type End = Extract<GenerationEvent, { type: "end" }>;

/** What a model has said to a question, and how its answer ended: null while it has not. */
interface StoredAnswer {
  readonly messages: Message[];
  readonly end: End | null;
}

export function getGeneration(tx: DbTx, projectId: string, generationId: string) {
  const where = and(eq(generation.projectId, projectId), eq(generation.id, generationId));
  const found = tx.select().from(generation).where(where).get();
  if (!found) throw new DomainError("not_found", { what: "generation" });
  return found;
}

function answerOf(events: readonly { event: GenerationEvent }[], modelId: string): StoredAnswer {
  const own = events.flatMap(({ event }) => ("modelId" in event && event.modelId === modelId ? [event] : []));
  const content = own.map((event) => (event.type === "text" ? event.text : "")).join("");
  return {
    messages: [{ role: "assistant", content }],
    end: own.find((event): event is End => event.type === "end") ?? null,
  };
}

const textOf = ({ messages }: StoredAnswer): string => messages.map((m) => m.content.trim()).join("");

/** Asks how likely each of two models finds the answer of one, token by token. */
export function scoreAnswer(
  db: Db,
  access: Access<"admin">,
  asked: { readonly generationId: string; readonly modelId: string; readonly byModelIds: readonly string[] },
): { scoringId: string } {
  const { prompt } = getGeneration(db, access.projectId, asked.generationId);
  const answer = answerOf(listGenerationEvents(db, asked.generationId, 0), asked.modelId);
  if (!answer.end || textOf(answer) === "") throw new DomainError("invalid_input", { field: "answers" });
  const answers = [{ messages: answer.messages, ended: answer.end.reason === "stop" }];
  return requestScoring(db, access, { prompt, answers, modelIds: asked.byModelIds, rewardModelId: null });
}

export interface SentPair {
  readonly projectId: string;
  readonly itemId: string;
  /** False when the project had the pair already: nothing was added. */
  readonly added: boolean;
}

/**
 * Makes an item of two answers to a question, in a project where the sender is admin too. The words are the stored ones,
 * not the browser's. Which answer comes first hangs on the words alone, so that no model has a side of its own.
 */
export function sendPair(
  db: Db,
  { projectId, userId }: Access<"admin">,
  asked: {
    readonly generationId: string;
    readonly modelIds: readonly [string, string];
    readonly targetProjectId: string;
  },
  now = new Date(),
): SentPair {
  return writeTx(db, (tx) => {
    const { prompt, sampling } = getGeneration(tx, projectId, asked.generationId);
    const target = authorize(tx, userId, asked.targetProjectId, "admin");
    const events = listGenerationEvents(tx, asked.generationId, 0);
    const [a, b] = asked.modelIds.map((id) => answerOf(events, id)) as [StoredAnswer, StoredAnswer];
    if (!a.end || !b.end || textOf(a) === "" || textOf(b) === "" || textOf(a) === textOf(b))
      throw new DomainError("invalid_input", { field: "answers" });
    const [modelA, modelB] = asked.modelIds.map((id) => findModelById(tx, id)?.name ?? null) as [string, string];
    const { maxTokens, temperature, topP, seed } = samplingSchema.parse(sampling);
    const pair: ImportedPair = {
      prompt,
      a: a.messages,
      b: b.messages,
      modelA,
      modelB,
      externalId: null,
      labels: [],
      meta: { source: "playground", models: asked.modelIds.join(", "), maxTokens, temperature, topP, seed },
    };
    const context = { projectId: target.projectId, source: "playground", responsesOrdered: true, now };
    const written = writePairs(tx, context, [pair]);
    const [itemId] = written.itemIds as [string];
    const added = written.added > 0;
    if (added)
      tx.insert(audit)
        .values({ projectId: target.projectId, actorId: userId, action: "item.sent", subject: itemId })
        .run();
    return { projectId: target.projectId, itemId, added };
  });
}
