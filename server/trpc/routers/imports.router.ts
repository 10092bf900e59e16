import { z } from "zod";
import { importMappingSchema } from "../../domain/imports/mapping";
import { uploadStore } from "../../http/imports";
import { getImport, listImports, previewImport, requestImport } from "../../services/imports.service";
import { uploadLimit } from "../../services/imports.upload";
import { listUploads } from "../../services/uploads.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const importId = z.object({ importId: z.string().min(1) });

/** Files on their way in. The upload itself is plain routes: app/api/import. */
export const importsRouter = router({
  list: admin.query(({ ctx }) => ({ imports: listImports(ctx.app.db, ctx.access) })),
  /** Uploads that are not whole yet, and how large a file may be. */
  uploads: admin.query(async ({ ctx }) => {
    const store = uploadStore(ctx.app);
    return { uploads: await listUploads(store, ctx.access), limitBytes: uploadLimit(store) };
  }),
  get: admin.input(importId).query(({ ctx, input }) => getImport(ctx.app.db, ctx.access, input.importId)),
  preview: admin
    .input(importId.extend({ mapping: importMappingSchema.optional() }))
    .query(({ ctx, input }) => previewImport(uploadStore(ctx.app), ctx.access, input)),
  commit: admin
    .input(importId.extend({ mapping: importMappingSchema }))
    .mutation(({ ctx, input }) => requestImport(ctx.app.db, ctx.access, input)),
});
