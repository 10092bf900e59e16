import { z } from "zod";
import type { App } from "../../app";
import { importMappingSchema } from "../../domain/imports/mapping";
import { commitImport, getImport, type ImportStore, listImports, previewImport } from "../../services/imports.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const importId = z.object({ importId: z.string().min(1) });
const storeOf = ({ db, env }: App): ImportStore => ({ db, uploadsDir: env.uploadsDir });

/** Files on their way in. The upload itself is a plain route: app/api/import. */
export const importsRouter = router({
  list: admin.query(({ ctx }) => ({ imports: listImports(ctx.app.db, ctx.access) })),
  get: admin.input(importId).query(({ ctx, input }) => getImport(ctx.app.db, ctx.access, input.importId)),
  preview: admin
    .input(importId.extend({ mapping: importMappingSchema.optional() }))
    .query(({ ctx, input }) => previewImport(storeOf(ctx.app), ctx.access, input)),
  commit: admin
    .input(importId.extend({ mapping: importMappingSchema }))
    .mutation(({ ctx, input }) => commitImport(storeOf(ctx.app), ctx.access, input)),
});
