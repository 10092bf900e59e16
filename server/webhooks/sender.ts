import { eq } from "drizzle-orm";
import { type Db, writeTx } from "@/db/client";
import {
  claimDeliveries,
  hasDueDelivery,
  pruneDeliveries,
  type Webhook,
  type WebhookDelivery,
} from "@/db/queries/webhooks.queries";
import { type WebhookAttempt, webhook, webhookDelivery } from "@/db/schema/integrations";
import { disableAfterMs, nextAttemptAt } from "../domain/webhooks";
import type { Log } from "../log";
import { type SendOptions, sendMessage } from "./send";
import { signMessage } from "./sign";

export interface SenderOptions extends SendOptions {
  readonly db: Db;
  readonly log: Log;
  readonly tickMs: number;
}

const atOnce = 8;
const attemptsKept = 20;
const [hour, day] = [3_600_000, 86_400_000];
/** How long the log of what is settled is kept. */
const keptMs = 30 * day;
/** "Gone": the receiver says that it wants no more. */
const gone = 410;

/** Takes what is due from the outbox and sends it: at least once, each message by itself, until it was taken or given up. */
export class WebhookSender {
  private timer: NodeJS.Timeout | null = null;
  private underWay = 0;
  private pruneAt = 0;

  constructor(private readonly options: SenderOptions) {}

  start(): void {
    this.timer = setInterval(() => this.guarded(() => this.tick()), this.options.tickMs);
  }

  /** What is under way when the process ends is sent again after the next start. */
  stop(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }

  private guarded(work: () => void): void {
    try {
      work();
    } catch (err) {
      this.options.log.error({ err }, "webhooks");
    }
  }

  private tick(now = new Date()): void {
    const { db, timeoutMs } = this.options;
    if (now.getTime() >= this.pruneAt) {
      pruneDeliveries(db, new Date(now.getTime() - keptMs));
      this.pruneAt = now.getTime() + hour;
    }
    const free = atOnce - this.underWay;
    if (free === 0 || !hasDueDelivery(db, now)) return;
    const until = new Date(now.getTime() + 2 * timeoutMs);
    for (const { delivery, webhook: to } of writeTx(db, (tx) => claimDeliveries(tx, free, now, until))) {
      this.underWay += 1;
      this.attempt(delivery, to)
        .catch((err: unknown) => this.options.log.error({ err }, "webhooks"))
        .finally(() => {
          this.underWay -= 1;
        });
    }
  }

  private async attempt(delivery: WebhookDelivery, to: Webhook): Promise<void> {
    const started = Date.now();
    const outcome = await this.send(delivery, to, Math.floor(started / 1000));
    if (!this.timer) return;
    this.settle(delivery, { at: started, ms: Date.now() - started, ...outcome });
  }

  private async send(
    { id, body }: WebhookDelivery,
    { url, secret, disabledAt }: Webhook,
    seconds: number,
  ): Promise<Pick<WebhookAttempt, "status" | "error">> {
    if (disabledAt) return { status: null, error: "The webhook is switched off." };
    const headers = {
      "content-type": "application/json",
      "user-agent": "Tiebreak-Webhooks/1",
      "webhook-id": id,
      "webhook-timestamp": String(seconds),
      "webhook-signature": signMessage(secret, id, seconds, body),
    };
    try {
      const status = await sendMessage({ url, headers, body }, this.options);
      return { status, error: status >= 200 && status < 300 ? null : `The receiver answered with ${status}.` };
    } catch (error) {
      return { status: null, error: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Writes down what came of an attempt, when the next one is, and whether the receiver is given up. */
  private settle({ id, webhookId }: WebhookDelivery, attempt: WebhookAttempt): void {
    const { db, log } = this.options;
    const now = new Date();
    writeTx(db, (tx) => {
      const row = tx.select().from(webhookDelivery).where(eq(webhookDelivery.id, id)).get();
      const to = tx.select().from(webhook).where(eq(webhook.id, webhookId)).get();
      // Removed meanwhile.
      if (!row || !to) return;
      const delivered = attempt.error === null;
      const round = row.round + 1;
      const next = delivered || to.disabledAt ? null : nextAttemptAt(round, now.getTime(), Math.random());
      tx.update(webhookDelivery)
        .set({
          attempts: [...row.attempts, attempt].slice(-attemptsKept),
          round,
          state: delivered ? "delivered" : next === null ? "failed" : "pending",
          nextAttemptAt: next === null ? null : new Date(next),
        })
        .where(eq(webhookDelivery.id, id))
        .run();
      if (delivered) {
        if (to.failingSince) tx.update(webhook).set({ failingSince: null }).where(eq(webhook.id, webhookId)).run();
        return;
      }
      if (to.disabledAt) return;
      const failingSince = to.failingSince ?? new Date(attempt.at);
      const reason =
        attempt.status === gone
          ? ("gone" as const)
          : now.getTime() - failingSince.getTime() > disableAfterMs
            ? ("failing" as const)
            : null;
      const off = reason ? { disabledAt: now, disabledReason: reason } : {};
      tx.update(webhook)
        .set({ failingSince, ...off })
        .where(eq(webhook.id, webhookId))
        .run();
      if (reason) log.warn({ webhookId, reason }, "webhook switched off");
    });
  }
}
