import { and, eq, sql } from "drizzle-orm";
import { prepared } from "../client";
import { item, labelledResponse, response } from "../schema/items";
import { judgement } from "../schema/tasks";

/**
 * An import's statements: a million rows wait for them, so they are prepared. Parameters by name and as SQLite stores them:
 * JSON as text, times in milliseconds, truth as 0 and 1.
 */

const at = sql.placeholder;
/** A value as it is given: no encoder of its column touches it. */
const given = (name: string) => sql`${at(name)}`;

export const itemByContent = prepared((tx) =>
  tx
    .select({ id: item.id })
    .from(item)
    .where(and(eq(item.projectId, at("projectId")), eq(item.contentHash, at("contentHash"))))
    .prepare(),
);

export const sidesOfItem = prepared((tx) =>
  tx
    .select({ slot: response.slot, messages: response.messages, model: response.sourceModel })
    .from(response)
    .where(eq(response.itemId, at("itemId")))
    .prepare(),
);

export const externalIdTaken = prepared((tx) =>
  tx
    .select({ id: item.id })
    .from(item)
    .where(and(eq(item.projectId, at("projectId")), eq(item.externalId, at("externalId"))))
    .prepare(),
);

export const insertItem = prepared((tx) =>
  tx
    .insert(item)
    .values({
      id: given("id"),
      projectId: given("projectId"),
      importId: given("importId"),
      externalId: given("externalId"),
      prompt: given("prompt"),
      promptHash: given("promptHash"),
      contentHash: given("contentHash"),
      meta: given("meta"),
      openSlots: given("openSlots"),
      queuePosition: given("queuePosition"),
      createdAt: given("createdAt"),
    })
    .prepare(),
);

/** Both sides of an item at once. */
export const insertResponses = prepared((tx) =>
  tx
    .insert(response)
    .values(
      (["a", "b"] as const).map((slot) => ({
        id: given(`${slot}Id`),
        itemId: given("itemId"),
        slot,
        messages: given(slot),
        sourceModel: given(`${slot}Model`),
      })),
    )
    .prepare(),
);

export const submissionSaid = prepared((tx) =>
  tx
    .select({ verdict: judgement.verdict, bothBad: judgement.bothBad })
    .from(judgement)
    .where(eq(judgement.submissionId, at("submissionId")))
    .prepare(),
);

export const insertJudgement = prepared((tx) =>
  tx
    .insert(judgement)
    .values({
      id: given("id"),
      projectId: given("projectId"),
      itemId: given("itemId"),
      importId: given("importId"),
      annotatorKey: given("annotatorKey"),
      submissionId: given("submissionId"),
      verdict: given("verdict"),
      bothBad: given("bothBad"),
      criteria: given("criteria"),
      reason: given("reason"),
      createdAt: given("createdAt"),
    })
    .prepare(),
);

export const responseByContent = prepared((tx) =>
  tx
    .select({ desirable: labelledResponse.desirable })
    .from(labelledResponse)
    .where(and(eq(labelledResponse.projectId, at("projectId")), eq(labelledResponse.contentHash, at("contentHash"))))
    .prepare(),
);

export const insertLabelled = prepared((tx) =>
  tx
    .insert(labelledResponse)
    .values({
      id: given("id"),
      projectId: given("projectId"),
      importId: given("importId"),
      externalId: given("externalId"),
      prompt: given("prompt"),
      promptHash: given("promptHash"),
      response: given("response"),
      contentHash: given("contentHash"),
      desirable: given("desirable"),
      sourceModel: given("sourceModel"),
      annotatorKey: given("annotatorKey"),
      reason: given("reason"),
      meta: given("meta"),
      createdAt: given("createdAt"),
    })
    .prepare(),
);
