import { z } from "zod";
import { longestChange, longestGuidelines, mostExamples, referencePairSchema } from "../../domain/reference";
import {
  acknowledge,
  getGuidelines,
  getVersion,
  listPublished,
  listReaders,
  publishGuidelines,
} from "../../services/guidelines.service";
import { projectProcedure, router } from "../init";

const annotator = projectProcedure("annotator");
const admin = projectProcedure("admin");
const version = z.number().int().min(1);

/** What people are told about how to judge, version by version, and who has read it. */
export const guidelinesRouter = router({
  current: annotator.query(({ ctx }) => getGuidelines(ctx.app.db, ctx.access)),
  version: annotator
    .input(z.object({ version }))
    .query(({ ctx, input }) => getVersion(ctx.app.db, ctx.access, input.version)),
  acknowledge: annotator.input(z.object({ version, readAt: z.date() })).mutation(({ ctx, input }) => {
    acknowledge(ctx.app.db, ctx.access, input);
    return { ok: true };
  }),
  list: admin.query(({ ctx }) => ({ versions: listPublished(ctx.app.db, ctx.access) })),
  readers: admin.query(({ ctx }) => listReaders(ctx.app.db, ctx.access)),
  publish: admin
    .input(
      z.object({
        text: z.string().max(longestGuidelines),
        examples: z.array(referencePairSchema).max(mostExamples),
        change: z.string().trim().max(longestChange).default(""),
        base: z.number().int().min(0),
      }),
    )
    .mutation(({ ctx, input }) => publishGuidelines(ctx.app.db, ctx.access, input)),
});
