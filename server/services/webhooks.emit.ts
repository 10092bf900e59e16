import { randomUUID } from "node:crypto";
import type { DbTx } from "@/db/client";
import { listListeners, type Webhook } from "@/db/queries/webhooks.queries";
import { webhookDelivery } from "@/db/schema/integrations";
import type { WebhookEventType } from "../domain/webhooks";

export type WebhookData = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Puts a message for every webhook that wants it into the outbox, in the caller's transaction: what happened is told if and
 * only if it happened. The worker sends it.
 */
export function emitWebhooks(
  tx: DbTx,
  projectId: string,
  type: WebhookEventType,
  data: WebhookData,
  now = new Date(),
): void {
  for (const listener of listListeners(tx, projectId, type)) putMessage(tx, listener, type, data, now);
}

/** One message for one webhook; its id. */
export function putMessage(
  tx: DbTx,
  { id: webhookId, projectId }: Webhook,
  type: WebhookEventType,
  data: WebhookData,
  now: Date,
): string {
  const id = `msg_${randomUUID().replaceAll("-", "")}`;
  const body = JSON.stringify({ type, timestamp: now.toISOString(), data: { projectId, ...data } });
  tx.insert(webhookDelivery)
    .values({ id, webhookId, type, body, state: "pending", nextAttemptAt: now, createdAt: now })
    .run();
  return id;
}
