import { z } from "zod";
import { getIncoming, requestAddition } from "../../services/additions.service";
import { starterDir } from "../../services/modelFolder";
import { getLineage, getModelRemoval, listModels, removeModel, renameModel } from "../../services/models.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const modelId = z.object({ modelId: z.string().min(1) });

/** The registry. Downloads are a plain route: app/api/models. */
export const modelsRouter = router({
  list: admin.query(({ ctx }) => listModels(ctx.app.db, ctx.access, { dataDir: ctx.app.env.dataDir, starterDir })),
  incoming: admin.query(({ ctx }) => getIncoming(ctx.app.db, ctx.access, ctx.app.env.dataDir)),
  add: admin
    .input(z.object({ entry: z.string().min(1).max(255) }))
    .mutation(({ ctx, input }) => requestAddition(ctx.app.db, ctx.access, input.entry, ctx.app.env.dataDir)),
  rename: admin.input(modelId.extend({ name: z.string().trim().min(1).max(120) })).mutation(({ ctx, input }) => {
    renameModel(ctx.app.db, ctx.access, input.modelId, input.name);
    return { ok: true };
  }),
  lineage: admin.input(modelId).query(({ ctx, input }) => getLineage(ctx.app.db, ctx.access, input.modelId)),
  removal: admin.input(modelId).query(({ ctx, input }) => getModelRemoval(ctx.app.db, ctx.access, input.modelId)),
  remove: admin.input(modelId).mutation(({ ctx, input }) => {
    removeModel(ctx.app.db, ctx.access, input.modelId, ctx.app.env.dataDir);
    return { ok: true };
  }),
});
