import { tracked } from "@trpc/server";
import { z } from "zod";
import { samplingSchema } from "@/trainer/contracts/inference";
import { ask, cancelGeneration, followGeneration } from "../../services/playground.service";
import { projectProcedure, router } from "../init";
import { lastEventIdSchema } from "./lastEventId";

const admin = projectProcedure("admin");
const generationId = z.object({ generationId: z.string().min(1) });

/** A question to several models, answered by the worker. */
export const playgroundRouter = router({
  start: admin
    .input(
      z.object({
        prompt: z.string().trim().min(1).max(20_000),
        modelIds: z.array(z.string().min(1)).min(1).max(3),
        rewardModelId: z.string().min(1).nullish(),
        sampling: samplingSchema.pick({ maxTokens: true, temperature: true, topP: true, seed: true }),
      }),
    )
    .mutation(({ ctx, input }) => ask(ctx.app.db, ctx.access, input)),
  cancel: admin.input(generationId).mutation(({ ctx, input }) => {
    cancelGeneration(ctx.app.db, ctx.access, input.generationId);
    return { ok: true };
  }),
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
