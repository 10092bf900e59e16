import { z } from "zod";
import { longestCriterion, problemKinds } from "../../domain/judging";
import { mostLeases, mostWanted } from "../../domain/leases";
import { verdictSchema } from "../../domain/preference";
import { claimPairs, releasePairs, renewLeases, skipPair, submitVote, undoVote } from "../../services/annotate.service";
import { reportProblem } from "../../services/flags.service";
import { changeVote, getOwnVote, listHistory } from "../../services/ownVotes.service";
import { projectProcedure, router } from "../init";

const leaseSchema = z.object({ assignmentId: z.string().min(1), leaseToken: z.string().min(1) });
const leasesSchema = z.object({ leases: z.array(leaseSchema).max(mostLeases) });
const submissionId = z.uuid();
const reason = z
  .string()
  .max(10_000)
  .nullish()
  .transform((text) => text?.trim() || null);
/** What is said about a pair; whether the project asks for it so is the service's to check. */
const said = z.object({
  verdict: verdictSchema.nullable(),
  bothBad: z.boolean(),
  reason,
  criteria: z.record(z.string().max(longestCriterion), verdictSchema).default({}),
});
const oneVerdict = { path: ["verdict"], message: "give a verdict, or say that both are bad" };
const isOneVerdict = (vote: { verdict: number | null; bothBad: boolean }) => (vote.verdict === null) === vote.bothBad;

const annotator = projectProcedure("annotator");

/** What an annotator's page calls. */
export const annotateRouter = router({
  claim: annotator
    .input(z.object({ want: z.number().int().min(1).max(mostWanted), holding: z.array(z.string()).max(mostLeases) }))
    .mutation(({ ctx, input }) => claimPairs(ctx.app.db, ctx.access, input)),
  submit: annotator
    .input(
      leaseSchema
        .extend({
          ...{ submissionId, ...said.shape, durationMs: z.number().int().min(0) },
          guidelineVersion: z.number().int().min(1).nullish(),
        })
        .refine(isOneVerdict, oneVerdict),
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
  ownVote: annotator
    .input(z.object({ judgementId: z.string().min(1) }))
    .query(({ ctx, input }) => getOwnVote(ctx.app.db, ctx.access, input.judgementId)),
  change: annotator
    .input(said.extend({ judgementId: z.string().min(1), submissionId }).refine(isOneVerdict, oneVerdict))
    .mutation(({ ctx, input }) => changeVote(ctx.app.db, ctx.access, input)),
  report: annotator
    .input(z.object({ submissionId, assignmentId: z.string().min(1), problem: z.enum(problemKinds), note: reason }))
    .mutation(({ ctx, input }) => {
      reportProblem(ctx.app.db, ctx.access, input);
      return { ok: true };
    }),
  heartbeat: annotator
    .input(leasesSchema)
    .mutation(({ ctx, input }) => renewLeases(ctx.app.db, ctx.access, input.leases)),
  release: annotator.input(leasesSchema).mutation(({ ctx, input }) => {
    releasePairs(ctx.app.db, ctx.access, input.leases);
    return { ok: true };
  }),
});
