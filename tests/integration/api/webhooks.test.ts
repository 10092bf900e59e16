import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { eq } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { writeTx } from "@/db/client";
import { webhook, webhookDelivery } from "@/db/schema/integrations";
import type { App } from "@/server/app";
import { disableAfterMs, nextAttemptAt, retryDelays } from "@/server/domain/webhooks";
import { authorize } from "@/server/services/access";
import { emitWebhooks } from "@/server/services/webhooks.emit";
import { createWebhook, getDeliveries, redeliver, sendTest, updateWebhook } from "@/server/services/webhooks.service";
import { isPublicAddress } from "@/server/webhooks/address";
import { WebhookSender } from "@/server/webhooks/sender";
import { apiApp, call, tokenFor } from "./apiHelpers";

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let app: App;
let receiver: Server;
let url: string;
let received: Received[];
/** What the receiver answers, request by request; 204 when there is nothing more. */
let answers: number[];
let sender: WebhookSender | null = null;

beforeAll(async () => {
  app = await apiApp();
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answers.shift() ?? 204, { location: "http://127.0.0.1:1/" }).end();
    });
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(() => receiver.close());
beforeEach(() => {
  [received, answers] = [[], []];
  app.db.delete(webhook).run();
});
afterEach(() => {
  sender?.stop();
  vi.useRealTimers();
});

const access = () => authorize(app.db, "ada", "p", "admin");
const events = ["run.finished", "run.failed", "import.finished", "snapshot.created"] as const;
const subscribe = (to = url) => createWebhook(app.db, access(), { url: to, events });
const delivery = (webhookId: string) => getDeliveries(app.db, access(), webhookId).deliveries[0];
const emit = () => writeTx(app.db, (tx) => emitWebhooks(tx, "p", "run.finished", { runId: "r" }));
/** Brings a message's next attempt forward to now. */
const hurry = () => app.db.update(webhookDelivery).set({ nextAttemptAt: new Date() }).run();

function send(allowPrivate = true): void {
  sender?.stop();
  sender = new WebhookSender({ db: app.db, log: app.log, tickMs: 20, timeoutMs: 2_000, allowPrivate });
  sender.start();
}

test("imports and snapshots are told to a real receiver, signed as the official library verifies, in one piece with what happened", async () => {
  const { id, secret } = subscribe();
  const token = tokenFor(app);
  const file = JSON.stringify({ prompt: "p", chosen: "c", rejected: "r" });
  await call(app, token, "POST", "/imports?fileName=a.jsonl", file);
  send();
  await expect.poll(() => received.length).toBe(1);
  const { body: made } = await call(app, token, "POST", "/snapshots", { rule: { testShare: 0 } });
  await expect.poll(() => received.length).toBe(2);
  const [first, second] = received.map(({ headers, body }) =>
    new Webhook(secret).verify(body, headers as Record<string, string>),
  );
  expect(first).toMatchObject({ type: "import.finished", data: { projectId: "p", itemsAdded: 1, rowsRefused: 0 } });
  expect(second).toMatchObject({ type: "snapshot.created", data: { snapshotId: made.id, number: 1, trainPairs: 1 } });
  const forged = received[0] as Received;
  const headers = forged.headers as Record<string, string>;
  expect(() => new Webhook(secret).verify(`${forged.body} `, headers)).toThrow();
  await expect.poll(() => delivery(id)?.state).toBe("delivered");
});

test("a message that happens in a transaction that fails is never sent", () => {
  const { id } = subscribe();
  const failing = () =>
    writeTx(app.db, (tx) => {
      emitWebhooks(tx, "p", "run.finished", {});
      throw new Error("no");
    });
  expect(failing).toThrow("no");
  expect(delivery(id)).toBeUndefined();
});

test("what a receiver refuses is sent again later under the same id, a redirect is no way in, the log says all of it", async () => {
  const { id } = subscribe();
  answers = [500, 302];
  emit();
  send();
  for (const attempts of [1, 2]) {
    await expect.poll(() => delivery(id)?.attempts.length).toBe(attempts);
    const { nextAttemptAt: at } = delivery(id) as { nextAttemptAt: Date };
    expect(at.getTime() - Date.now()).toBeGreaterThan((retryDelays[attempts - 1] as number) - 2_000);
    hurry();
  }
  await expect.poll(() => delivery(id)?.state).toBe("delivered");
  expect(delivery(id)?.attempts.map(({ status }) => status)).toEqual([500, 302, 204]);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  redeliver(app.db, access(), { webhookId: id, deliveryId: delivery(id)?.id ?? "" });
  await expect.poll(() => received.length).toBe(4);
  await expect.poll(() => delivery(id)?.state).toBe("delivered");
});

test("a sender that dies in the middle loses nothing", async () => {
  const { id } = subscribe();
  emit();
  // Claimed, and nobody there any more: as after a crash.
  app.db
    .update(webhookDelivery)
    .set({ nextAttemptAt: new Date(Date.now() + 100) })
    .run();
  send();
  await expect.poll(() => delivery(id)?.state).toBe("delivered");
});

test("a receiver that is gone, or has failed for days, is switched off and says why; switched on again it gets a new start", async () => {
  const { id } = subscribe();
  const row = () => app.db.select().from(webhook).where(eq(webhook.id, id)).get();
  answers = [410];
  sendTest(app.db, access(), id);
  send();
  await expect.poll(() => row()?.disabledReason).toBe("gone");
  emit();
  expect(getDeliveries(app.db, access(), id).deliveries).toHaveLength(1);
  expect(() => sendTest(app.db, access(), id)).toThrow("conflict");

  updateWebhook(app.db, access(), { webhookId: id, enabled: true });
  expect(row()).toMatchObject({ disabledAt: null, failingSince: null });
  app.db
    .update(webhook)
    .set({ failingSince: new Date(Date.now() - disableAfterMs - 1) })
    .run();
  answers = [500];
  emit();
  await expect.poll(() => row()?.disabledReason).toBe("failing");
});

test("private addresses are refused, by number and by name, unless the operator allows them", async () => {
  const { id } = subscribe();
  const byName = subscribe("https://localhost:1/hook");
  emit();
  send(false);
  await expect.poll(() => delivery(id)?.attempts[0]?.error).toMatch("https only");
  await expect.poll(() => delivery(byName.id)?.attempts[0]?.error).toMatch("localhost is a private address");
  expect(received).toEqual([]);
});

test.each([
  ["93.184.216.34", true],
  ["2606:4700:4700::1111", true],
  ["127.0.0.1", false],
  ["10.1.2.3", false],
  ["172.31.255.255", false],
  ["172.32.0.1", true],
  ["192.168.0.1", false],
  ["169.254.169.254", false],
  ["100.64.0.1", false],
  ["0.0.0.0", false],
  ["255.255.255.255", false],
  ["::1", false],
  ["::", false],
  ["::ffff:127.0.0.1", false],
  ["::ffff:8.8.8.8", false],
  ["64:ff9b::7f00:1", false],
  ["fd00::1", false],
  ["fe80::1%eth0", false],
  ["2002:7f00:1::", false],
  ["localhost", false],
])("%s is public: %s", (address, is) => {
  expect(isPublicAddress(address)).toBe(is);
});

test("attempts go on for about three days and then end", () => {
  const hours = retryDelays.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(72);
  expect(hours).toBeLessThan(80);
  expect(nextAttemptAt(1, 1_000, 0)).toBe(6_000);
  expect(nextAttemptAt(retryDelays.length + 1, 0, 0)).toBeNull();
});
