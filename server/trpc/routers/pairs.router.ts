import { z } from "zod";
import { samplingSchema } from "@/trainer/contracts/inference";
import { messagesSchema } from "@/trainer/contracts/message";
import { mostPairsPerPrompt, mostPrompts } from "../../domain/pairLimits";
import { cancelBatch, createPairBatch, listBatches } from "../../services/pairBatches.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");

/** Pairs that models make of a list of prompts, in the background. */
export const pairsRouter = router({
  create: admin
    .input(
      z.object({
        prompts: z.array(messagesSchema).min(1).max(mostPrompts),
        modelIds: z.array(z.string().min(1)).min(1).max(4),
        perPrompt: z.number().int().min(1).max(mostPairsPerPrompt),
        sampling: samplingSchema.pick({ maxTokens: true, temperature: true, topP: true, seed: true }),
      }),
    )
    .mutation(({ ctx, input }) => createPairBatch(ctx.app.db, ctx.access, input)),
  list: admin.query(({ ctx }) => listBatches(ctx.app.db, ctx.access)),
  cancel: admin.input(z.object({ batchId: z.string().min(1) })).mutation(({ ctx, input }) => {
    cancelBatch(ctx.app.db, ctx.access, input.batchId);
    return { ok: true };
  }),
});
