import { z } from "zod";
import { webhookEventTypes } from "../../domain/webhooks";
import {
  createWebhook,
  getDeliveries,
  getWebhookSecret,
  listWebhooks,
  redeliver,
  removeWebhook,
  sendTest,
  updateWebhook,
} from "../../services/webhooks.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const webhookId = z.object({ webhookId: z.string().min(1) });
const url = z.url({ protocol: /^https?$/ }).max(2_000);
const events = z
  .array(z.enum(webhookEventTypes))
  .min(1)
  .transform((types) => [...new Set(types)]);

/** Addresses that are told what happens in a project, and the log of what they were told. */
export const webhooksRouter = router({
  list: admin.query(({ ctx }) => ({
    webhooks: listWebhooks(ctx.app.db, ctx.access),
    privateAllowed: ctx.app.env.webhooksPrivate,
  })),
  create: admin
    .input(z.object({ url, events }))
    .mutation(({ ctx, input }) => createWebhook(ctx.app.db, ctx.access, input)),
  update: admin
    .input(webhookId.extend({ url: url.optional(), events: events.optional(), enabled: z.boolean().optional() }))
    .mutation(({ ctx, input: { projectId: _, ...change } }) => {
      const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      updateWebhook(ctx.app.db, ctx.access, { ...given, webhookId: change.webhookId });
      return { ok: true };
    }),
  secret: admin
    .input(webhookId)
    .mutation(({ ctx, input }) => ({ secret: getWebhookSecret(ctx.app.db, ctx.access, input.webhookId) })),
  remove: admin.input(webhookId).mutation(({ ctx, input }) => {
    removeWebhook(ctx.app.db, ctx.access, input.webhookId);
    return { ok: true };
  }),
  deliveries: admin.input(webhookId).query(({ ctx, input }) => getDeliveries(ctx.app.db, ctx.access, input.webhookId)),
  redeliver: admin.input(webhookId.extend({ deliveryId: z.string().min(1) })).mutation(({ ctx, input }) => {
    redeliver(ctx.app.db, ctx.access, input);
    return { ok: true };
  }),
  test: admin.input(webhookId).mutation(({ ctx, input }) => {
    sendTest(ctx.app.db, ctx.access, input.webhookId);
    return { ok: true };
  }),
});
