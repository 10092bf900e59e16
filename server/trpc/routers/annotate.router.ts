import { z } from "zod";
import { mostLeases, mostWanted } from "../../domain/leases";
import { verdictSchema } from "../../domain/preference";
import {
  claimPairs,
  listHistory,
  releasePairs,
  renewLeases,
  skipPair,
  submitVote,
  undoVote,
} from "../../services/annotate.service";
import { projectProcedure, router } from "../init";

const leaseSchema = z.object({ assignmentId: z.string().min(1), leaseToken: z.string().min(1) });
const leasesSchema = z.object({ leases: z.array(leaseSchema).max(mostLeases) });
const submissionId = z.uuid();
const reason = z
  .string()
  .max(10_000)
  .nullish()
  .transform((text) => text?.trim() || null);

const annotator = projectProcedure("annotator");

/** What an annotator's page calls. */
export const annotateRouter = router({
  claim: annotator
    .input(z.object({ want: z.number().int().min(1).max(mostWanted), holding: z.array(z.string()).max(mostLeases) }))
    .mutation(({ ctx, input }) => ({ pairs: claimPairs(ctx.app.db, ctx.access, input) })),
  submit: annotator
    .input(
      leaseSchema
        .extend({
          submissionId,
          verdict: verdictSchema.nullable(),
          bothBad: z.boolean(),
          reason,
          durationMs: z.number().int().min(0),
        })
        .refine((vote) => (vote.verdict === null) === vote.bothBad, {
          path: ["verdict"],
          message: "give a verdict, or say that both are bad",
        }),
    )
    .mutation(({ ctx, input }) => submitVote(ctx.app.db, ctx.access, input)),
  undo: annotator
    .input(z.object({ submissionId }))
    .mutation(({ ctx, input }) => undoVote(ctx.app.db, ctx.access, input.submissionId)),
  skip: annotator.input(leaseSchema.extend({ reason })).mutation(({ ctx, input }) => {
    skipPair(ctx.app.db, ctx.access, input);
    return { ok: true };
  }),
  history: annotator
    .input(z.object({ limit: z.number().int().min(1).max(100).default(20) }))
    .query(({ ctx, input }) => listHistory(ctx.app.db, ctx.access, input.limit)),
  heartbeat: annotator
    .input(leasesSchema)
    .mutation(({ ctx, input }) => renewLeases(ctx.app.db, ctx.access, input.leases)),
  release: annotator.input(leasesSchema).mutation(({ ctx, input }) => {
    releasePairs(ctx.app.db, ctx.access, input.leases);
    return { ok: true };
  }),
});
