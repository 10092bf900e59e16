import { tracked } from "@trpc/server";
import { z } from "zod";
import { presetSchema } from "@/trainer/contracts/preset";
import { snapshotRunKinds } from "@/trainer/contracts/runConfig";
import { settingsSchema } from "@/trainer/contracts/settings";
import { getDiskUse } from "../../services/diskUse";
import { starterDir } from "../../services/modelFolder";
import { getPreflight, requestPreflight } from "../../services/preflights.service";
import { cancelRun, pauseRun, resumeRun } from "../../services/runs.control";
import { getRunRemoval, removeRun } from "../../services/runs.remove";
import { createRun, followRun, getRun, getRunCard, listRuns, planRun, rerun } from "../../services/runs.service";
import { projectProcedure, router } from "../init";
import { lastEventIdSchema } from "./lastEventId";

const admin = projectProcedure("admin");
const runId = z.object({ runId: z.string().min(1) });
const requestSchema = z.object({
  snapshotId: z.string().min(1),
  kind: z.enum(snapshotRunKinds),
  preset: presetSchema,
  baseModelId: z.string().min(1).optional(),
  settings: settingsSchema.optional(),
  /** Of a kind that samples: a reward model's id, or `rule` where the project has one. */
  rewardId: z.string().min(1).optional(),
});

/** Training runs: plan, start, watch, stop. */
export const runsRouter = router({
  plan: admin
    .input(requestSchema)
    .query(({ ctx, input }) => planRun(ctx.app.db, ctx.access, input, { ...ctx.app.env, starterDir })),
  requestPreflight: admin
    .input(requestSchema)
    .mutation(({ ctx, input }) => requestPreflight(ctx.app.db, ctx.access, input)),
  preflight: admin
    .input(z.object({ preflightId: z.string().min(1) }))
    .query(({ ctx, input }) => getPreflight(ctx.app.db, ctx.access, input.preflightId)),
  create: admin.input(requestSchema).mutation(({ ctx, input }) => createRun(ctx.app.db, ctx.access, input)),
  list: admin.query(({ ctx }) => listRuns(ctx.app.db, ctx.access)),
  get: admin.input(runId).query(({ ctx, input }) => getRun(ctx.app.db, ctx.access, input.runId)),
  card: projectProcedure("annotator")
    .input(runId)
    .query(({ ctx, input }) => getRunCard(ctx.app.db, ctx.access, input.runId)),
  cancel: admin.input(runId).mutation(({ ctx, input }) => {
    cancelRun(ctx.app.db, ctx.access, input.runId, ctx.app.env.dataDir);
    return { ok: true };
  }),
  pause: admin.input(runId).mutation(({ ctx, input }) => {
    pauseRun(ctx.app.db, ctx.access, input.runId);
    return { ok: true };
  }),
  resume: admin.input(runId).mutation(({ ctx, input }) => {
    resumeRun(ctx.app.db, ctx.access, input.runId);
    return { ok: true };
  }),
  rerun: admin.input(runId).mutation(({ ctx, input }) => rerun(ctx.app.db, ctx.access, input.runId)),
  diskUse: admin.query(({ ctx }) => getDiskUse(ctx.app.db, ctx.access, ctx.app.env.dataDir)),
  removal: admin
    .input(runId)
    .query(({ ctx, input }) => getRunRemoval(ctx.app.db, ctx.access, input.runId, ctx.app.env.dataDir)),
  remove: admin.input(runId).mutation(({ ctx, input }) => {
    removeRun(ctx.app.db, ctx.access, input.runId, ctx.app.env.dataDir);
    return { ok: true };
  }),
  events: admin.input(runId.extend({ lastEventId: lastEventIdSchema })).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    const from = { runId: input.runId, after: input.lastEventId };
    for await (const { seq, event } of followRun(ctx.app.db, ctx.access, from, signal)) {
      yield tracked(String(seq), event);
    }
  }),
});
