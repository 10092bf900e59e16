import { and, asc, count, desc, eq, isNull, lt, lte, ne, sql } from "drizzle-orm";
import type { WebhookEventType } from "@/server/domain/webhooks";
import type { DbTx } from "../client";
import { webhook, webhookDelivery } from "../schema/integrations";

export type Webhook = typeof webhook.$inferSelect;
export type WebhookDelivery = typeof webhookDelivery.$inferSelect;

export const listWebhookRows = (tx: DbTx, projectId: string) =>
  tx
    .select({
      webhook,
      pending: sql<number>`(select count(*) from webhook_delivery d where d.webhook_id = "webhook"."id" and d.state = 'pending')`,
    })
    .from(webhook)
    .where(eq(webhook.projectId, projectId))
    .orderBy(desc(webhook.createdAt), asc(webhook.id))
    .all();

export const countWebhooks = (tx: DbTx, projectId: string): number =>
  tx.select({ n: count() }).from(webhook).where(eq(webhook.projectId, projectId)).get()?.n ?? 0;

export const findWebhook = (tx: DbTx, projectId: string, id: string): Webhook | undefined =>
  tx
    .select()
    .from(webhook)
    .where(and(eq(webhook.id, id), eq(webhook.projectId, projectId)))
    .get();

/** The webhooks of a project that want to hear of such events and are not switched off. */
export const listListeners = (tx: DbTx, projectId: string, type: WebhookEventType): Webhook[] =>
  tx
    .select()
    .from(webhook)
    .where(
      and(
        eq(webhook.projectId, projectId),
        isNull(webhook.disabledAt),
        sql`exists (select 1 from json_each(${webhook.events}) where value = ${type})`,
      ),
    )
    .all();

export const listDeliveryRows = (tx: DbTx, webhookId: string, limit: number): WebhookDelivery[] =>
  tx
    .select()
    .from(webhookDelivery)
    .where(eq(webhookDelivery.webhookId, webhookId))
    .orderBy(desc(webhookDelivery.createdAt), desc(webhookDelivery.id))
    .limit(limit)
    .all();

export const findDelivery = (tx: DbTx, webhookId: string, id: string): WebhookDelivery | undefined =>
  tx
    .select()
    .from(webhookDelivery)
    .where(and(eq(webhookDelivery.id, id), eq(webhookDelivery.webhookId, webhookId)))
    .get();

const isDue = (now: Date) => and(eq(webhookDelivery.state, "pending"), lte(webhookDelivery.nextAttemptAt, now));

/** Whether a claim would find something; a read, so that an idle sender never takes the write lock. */
export const hasDueDelivery = (tx: DbTx, now: Date): boolean =>
  tx.select({ id: webhookDelivery.id }).from(webhookDelivery).where(isDue(now)).limit(1).get() !== undefined;

/**
 * Takes up to `limit` messages that are due, oldest first. Until `until` nobody else takes them: a sender that dies loses
 * nothing, the message is sent again. Call it in an immediate transaction.
 */
export function claimDeliveries(tx: DbTx, limit: number, now: Date, until: Date) {
  const due = tx
    .select({ delivery: webhookDelivery, webhook })
    .from(webhookDelivery)
    .innerJoin(webhook, eq(webhook.id, webhookDelivery.webhookId))
    .where(isDue(now))
    .orderBy(asc(webhookDelivery.nextAttemptAt))
    .limit(limit)
    .all();
  for (const { delivery } of due)
    tx.update(webhookDelivery).set({ nextAttemptAt: until }).where(eq(webhookDelivery.id, delivery.id)).run();
  return due;
}

/** What was settled before `before` is forgotten. */
export const pruneDeliveries = (tx: DbTx, before: Date): void => {
  tx.delete(webhookDelivery)
    .where(and(ne(webhookDelivery.state, "pending"), lt(webhookDelivery.createdAt, before)))
    .run();
};
