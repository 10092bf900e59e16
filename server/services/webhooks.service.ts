import { randomBytes, randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { type Db, type DbTx, writeTx } from "@/db/client";
import {
  countWebhooks,
  findDelivery,
  findWebhook,
  listDeliveryRows,
  listWebhookRows,
  type Webhook,
} from "@/db/queries/webhooks.queries";
import { audit } from "@/db/schema/audit";
import { webhook, webhookDelivery } from "@/db/schema/integrations";
import { DomainError } from "../domain/errors";
import type { WebhookEventType } from "../domain/webhooks";
import type { Access } from "./access";
import { putMessage } from "./webhooks.emit";

const mostWebhooks = 20;
const deliveriesShown = 100;

/** As Standard Webhooks writes them: `whsec_` and base64 of 24 to 64 random bytes. */
const newSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

const shown = ({ id, url, events, createdAt, failingSince, disabledAt, disabledReason }: Webhook) => ({
  id,
  url,
  events,
  createdAt,
  failingSince,
  disabledAt,
  disabledReason,
});

export const listWebhooks = (db: DbTx, { projectId }: Access<"admin">) =>
  listWebhookRows(db, projectId).map(({ webhook: row, pending }) => ({ ...shown(row), pending }));

function need(tx: DbTx, projectId: string, id: string): Webhook {
  const found = findWebhook(tx, projectId, id);
  if (!found) throw new DomainError("not_found", { what: "webhook" });
  return found;
}

const note = (
  tx: DbTx,
  { projectId, userId: actorId }: Access<"admin">,
  action: string,
  subject: string,
  details: Record<string, unknown> = {},
) => {
  tx.insert(audit).values({ projectId, actorId, action, subject, details }).run();
};

export interface NewWebhook {
  readonly url: string;
  readonly events: readonly WebhookEventType[];
}

/** Where messages may go is checked when they are sent: what a name leads to changes. Here only that it is an address. */
function checkUrl(url: string): void {
  const { protocol, username, password } = new URL(url);
  const problem =
    protocol !== "https:" && protocol !== "http:"
      ? "must begin with https:// or http://"
      : username || password
        ? "must not hold a password"
        : null;
  if (problem) throw new DomainError("invalid_input", { field: "url", problem });
}

/** The secret is in the answer and can be asked for again: both sides need it. */
export function createWebhook(db: Db, access: Access<"admin">, { url, events }: NewWebhook) {
  checkUrl(url);
  const { projectId, userId: createdBy } = access;
  const [id, secret] = [randomUUID(), newSecret()];
  writeTx(db, (tx) => {
    if (countWebhooks(tx, projectId) >= mostWebhooks)
      throw new DomainError("invalid_input", {
        field: "url",
        problem: `a project has at most ${mostWebhooks} webhooks`,
      });
    tx.insert(webhook)
      .values({ id, projectId, url, events: [...events], secret, createdBy })
      .run();
    note(tx, access, "webhook.created", id, { url, events });
  });
  return { id, secret };
}

/** Address, events, and whether it is on. Switched on again it begins without old failures. */
export function updateWebhook(
  db: Db,
  access: Access<"admin">,
  { webhookId, enabled, ...change }: Partial<NewWebhook> & { webhookId: string; enabled?: boolean | undefined },
  now = new Date(),
): void {
  if (change.url !== undefined) checkUrl(change.url);
  writeTx(db, (tx) => {
    const before = need(tx, access.projectId, webhookId);
    const state =
      enabled === undefined || enabled === (before.disabledAt === null)
        ? {}
        : enabled
          ? { disabledAt: null, disabledReason: null, failingSince: null }
          : { disabledAt: now, disabledReason: "switched_off" as const };
    const { url = before.url, events = before.events } = change;
    tx.update(webhook)
      .set({ url, events: [...events], ...state })
      .where(eq(webhook.id, webhookId))
      .run();
    note(tx, access, "webhook.changed", webhookId, { url, events, ...(enabled === undefined ? {} : { enabled }) });
  });
}

export const getWebhookSecret = (db: DbTx, { projectId }: Access<"admin">, webhookId: string): string =>
  need(db, projectId, webhookId).secret;

export function removeWebhook(db: Db, access: Access<"admin">, webhookId: string): void {
  writeTx(db, (tx) => {
    const { url } = need(tx, access.projectId, webhookId);
    tx.delete(webhook).where(eq(webhook.id, webhookId)).run();
    note(tx, access, "webhook.removed", webhookId, { url });
  });
}

/** The newest messages with what became of each. */
export function getDeliveries(db: DbTx, { projectId }: Access<"admin">, webhookId: string) {
  const row = need(db, projectId, webhookId);
  return { webhook: shown(row), deliveries: listDeliveryRows(db, webhookId, deliveriesShown) };
}

/** Sends a message once more, from the first attempt, under the same id. */
export function redeliver(
  db: Db,
  { projectId }: Access<"admin">,
  { webhookId, deliveryId }: { webhookId: string; deliveryId: string },
  now = new Date(),
): void {
  writeTx(db, (tx) => {
    const { disabledAt } = need(tx, projectId, webhookId);
    if (disabledAt) throw new DomainError("conflict", { reason: "webhook_off" });
    if (!findDelivery(tx, webhookId, deliveryId)) throw new DomainError("not_found", { what: "delivery" });
    tx.update(webhookDelivery)
      .set({ state: "pending", nextAttemptAt: now, round: 0 })
      .where(eq(webhookDelivery.id, deliveryId))
      .run();
  });
}

/** A message without an occasion, to try a receiver with. */
export function sendTest(db: Db, { projectId }: Access<"admin">, webhookId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    const row = need(tx, projectId, webhookId);
    if (row.disabledAt) throw new DomainError("conflict", { reason: "webhook_off" });
    putMessage(tx, row, row.events[0] ?? "run.finished", { test: true }, now);
  });
}
