import { z } from "zod";
import { compressionSettingsSchema } from "@/trainer/contracts/compression";
import { repoSchema, revisionSchema } from "../../domain/models/hub";
import {
  cancelAddition,
  getIncoming,
  lookAtHub,
  repeatAddition,
  requestAddition,
  requestHubAddition,
  requestUploadAddition,
} from "../../services/additions.service";
import { cancelCompression, listModelCompressions, requestCompression } from "../../services/compressions.service";
import { starterDir } from "../../services/modelFolder";
import { getLineage, getModelRemoval, listModels, removeModel, renameModel } from "../../services/models.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const addition = z.object({ additionId: z.string().min(1) });
const repository = z.object({ repo: repoSchema, revision: revisionSchema.default("main") });
const modelId = z.object({ modelId: z.string().min(1) });

/** The registry. Downloads are a plain route: app/api/models. */
export const modelsRouter = router({
  list: admin.query(({ ctx }) => listModels(ctx.app.db, ctx.access, { ...ctx.app.env, starterDir })),
  incoming: admin.query(({ ctx }) => getIncoming(ctx.app.db, ctx.access, ctx.app.env.dataDir)),
  add: admin
    .input(z.object({ entry: z.string().min(1).max(255) }))
    .mutation(({ ctx, input }) => requestAddition(ctx.app.db, ctx.access, input.entry, ctx.app.env.dataDir)),
  addUploaded: admin
    .input(
      z.object({
        name: z.string().trim().min(1).max(200),
        files: z
          .array(z.object({ uploadId: z.string().min(1), path: z.string().min(1).max(255) }))
          .min(1)
          .max(300),
      }),
    )
    .mutation(({ ctx, input }) => {
      const { db, env } = ctx.app;
      return requestUploadAddition({ db, uploadsDir: env.uploadsDir }, ctx.access, env.dataDir, input);
    }),
  hubLook: admin.input(repository).query(({ ctx, input }) => lookAtHub(ctx.access, ctx.app.env.hub, input)),
  addFromHub: admin
    .input(repository.extend({ choice: z.string().min(1).max(400) }))
    .mutation(({ ctx, input }) => requestHubAddition(ctx.app.db, ctx.access, ctx.app.env, input)),
  cancelAddition: admin.input(addition).mutation(({ ctx, input }) => {
    cancelAddition(ctx.app.db, ctx.access, input.additionId, ctx.app.env.dataDir);
    return { ok: true };
  }),
  repeatAddition: admin.input(addition).mutation(({ ctx, input }) => {
    repeatAddition(ctx.app.db, ctx.access, input.additionId);
    return { ok: true };
  }),
  rename: admin.input(modelId.extend({ name: z.string().trim().min(1).max(120) })).mutation(({ ctx, input }) => {
    renameModel(ctx.app.db, ctx.access, input.modelId, input.name);
    return { ok: true };
  }),
  lineage: admin.input(modelId).query(({ ctx, input }) => getLineage(ctx.app.db, ctx.access, input.modelId)),
  compressions: admin
    .input(modelId)
    .query(({ ctx, input }) => listModelCompressions(ctx.app.db, ctx.access, input.modelId)),
  compress: admin
    .input(
      modelId.extend({
        baseModelId: z.string().min(1).optional(),
        snapshotId: z.string().min(1),
        settings: compressionSettingsSchema.partial(),
      }),
    )
    .mutation(({ ctx, input }) =>
      requestCompression(ctx.app.db, ctx.access, input, { dataDir: ctx.app.env.dataDir, starterDir }),
    ),
  cancelCompression: admin.input(z.object({ compressionId: z.string().min(1) })).mutation(({ ctx, input }) => {
    cancelCompression(ctx.app.db, ctx.access, input.compressionId);
    return { ok: true };
  }),
  removal: admin.input(modelId).query(({ ctx, input }) => getModelRemoval(ctx.app.db, ctx.access, input.modelId)),
  remove: admin.input(modelId).mutation(({ ctx, input }) => {
    removeModel(ctx.app.db, ctx.access, input.modelId, ctx.app.env.dataDir);
    return { ok: true };
  }),
});
