import { z } from "zod";
import { verdictSchema } from "../../domain/preference";
import { referencePairSchema } from "../../domain/reference";
import {
  answerPractice,
  listPractice,
  nextPractice,
  removePracticePair,
  savePracticePair,
  shiftPracticePair,
} from "../../services/practice.service";
import { projectProcedure, router } from "../init";

const annotator = projectProcedure("annotator");
const admin = projectProcedure("admin");
const pairId = z.object({ pairId: z.string().min(1) });

/** Pairs with a known verdict that newcomers judge first, and what came of it. */
export const practiceRouter = router({
  next: annotator.query(({ ctx }) => nextPractice(ctx.app.db, ctx.access)),
  answer: annotator
    .input(
      pairId
        .extend({ verdict: verdictSchema.nullable(), bothBad: z.boolean(), durationMs: z.number().int().min(0) })
        .refine(({ verdict, bothBad }) => (verdict === null) === bothBad, {
          path: ["verdict"],
          message: "give a verdict, or say that both are bad",
        }),
    )
    .mutation(({ ctx, input }) => answerPractice(ctx.app.db, ctx.access, input)),
  list: admin.query(({ ctx }) => listPractice(ctx.app.db, ctx.access)),
  save: admin
    .input(
      z.object({
        pair: referencePairSchema,
        itemId: z.string().min(1).nullable().default(null),
        replaces: z.string().min(1).nullable().default(null),
        retire: z.boolean().default(false),
      }),
    )
    .mutation(({ ctx, input }) => savePracticePair(ctx.app.db, ctx.access, input)),
  remove: admin.input(pairId).mutation(({ ctx, input }) => {
    removePracticePair(ctx.app.db, ctx.access, input.pairId);
    return { ok: true };
  }),
  shift: admin.input(pairId.extend({ by: z.union([z.literal(-1), z.literal(1)]) })).mutation(({ ctx, input }) => {
    shiftPracticePair(ctx.app.db, ctx.access, input.pairId, input.by);
    return { ok: true };
  }),
});
