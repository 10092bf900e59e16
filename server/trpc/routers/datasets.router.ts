import { z } from "zod";
import type { App } from "../../app";
import { combinationRuleSchema } from "../../domain/preference";
import { diffKinds } from "../../domain/snapshotDiff";
import { listJudges } from "../../services/exports.source";
import { diffSnapshots } from "../../services/snapshots.diff";
import {
  createSnapshot,
  listSnapshotPairs,
  listSnapshots,
  previewSnapshot,
  type SnapshotStore,
} from "../../services/snapshots.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const storeOf = ({ db, env }: App): SnapshotStore => ({ db, snapshotsDir: env.snapshotsDir });

/** Snapshots: immutable versions of a project's preferences. Downloads are a plain route: app/api/export. */
export const datasetsRouter = router({
  list: admin.query(({ ctx }) => ({ snapshots: listSnapshots(ctx.app.db, ctx.access) })),
  judges: admin.query(({ ctx }) => ({ judges: listJudges(ctx.app.db, ctx.access) })),
  preview: admin
    .input(z.object({ rule: combinationRuleSchema }))
    .query(({ ctx, input }) => previewSnapshot(ctx.app.db, ctx.access, input.rule)),
  create: admin
    .input(z.object({ rule: combinationRuleSchema, note: z.string().trim().max(2000).default("") }))
    .mutation(({ ctx, input }) => createSnapshot(storeOf(ctx.app), ctx.access, input)),
  diff: admin
    .input(
      z.object({
        fromId: z.string().min(1),
        toId: z.string().min(1),
        kind: z.enum(diffKinds),
        offset: z.number().int().min(0),
        limit: z.number().int().min(1).max(50),
      }),
    )
    .query(({ ctx, input }) => diffSnapshots(storeOf(ctx.app), ctx.access, input)),
  rows: admin
    .input(
      z.object({
        snapshotId: z.string().min(1),
        split: z.enum(["train", "test"]),
        offset: z.number().int().min(0),
        limit: z.number().int().min(1).max(50),
      }),
    )
    .query(({ ctx, input }) => listSnapshotPairs(storeOf(ctx.app), ctx.access, input)),
});
