import { tracked } from "@trpc/server";
import { z } from "zod";
import { samplingSchema } from "@/trainer/contracts/inference";
import { scoreAnswer, sendPair } from "../../services/playground.answers";
import { ask, cancelGeneration, followGeneration } from "../../services/playground.service";
import { projectProcedure, router } from "../init";
import { lastEventIdSchema } from "./lastEventId";

const admin = projectProcedure("admin");
const modelId = z.string().min(1);
const generationId = z.object({ generationId: z.string().min(1) });

/** A question to several models, answered by the worker. */
export const playgroundRouter = router({
  start: admin
    .input(
      z.object({
        prompt: z.string().trim().min(1).max(20_000),
        modelIds: z.array(modelId).min(1).max(4),
        rewardModelId: modelId.nullish(),
        sampling: samplingSchema.pick({ maxTokens: true, temperature: true, topP: true, seed: true }),
      }),
    )
    .mutation(({ ctx, input }) => ask(ctx.app.db, ctx.access, input)),
  cancel: admin.input(generationId).mutation(({ ctx, input }) => {
    cancelGeneration(ctx.app.db, ctx.access, input.generationId);
    return { ok: true };
  }),
  score: admin
    .input(generationId.extend({ modelId, byModelIds: z.array(modelId).length(2) }))
    .mutation(({ ctx, input }) => scoreAnswer(ctx.app.db, ctx.access, input)),
  sendPair: admin
    .input(generationId.extend({ modelIds: z.tuple([modelId, modelId]), targetProjectId: z.string().min(1) }))
    .mutation(({ ctx, input }) => sendPair(ctx.app.db, ctx.access, input)),
  events: admin.input(generationId.extend({ lastEventId: lastEventIdSchema })).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    const from = { generationId: input.generationId, after: input.lastEventId };
    for await (const { seq, event } of followGeneration(ctx.app.db, ctx.access, from, signal)) {
      yield tracked(String(seq), event);
    }
  }),
});
