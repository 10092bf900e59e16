import type { App } from "../app";
import { type Access, authorize } from "../services/access";
import type { UploadStore } from "../services/imports.upload";
import { type RouteContext, requireUser } from "./route";

export const uploadStore = ({ db, env, importWork }: App): UploadStore => ({
  db,
  uploadsDir: env.uploadsDir,
  maxUploadBytes: env.maxUploadBytes,
  work: importWork,
});

/** Who calls a route of a project's imports: its admins alone. */
export const importAccess = (context: RouteContext, projectId: string): Access<"admin"> =>
  authorize(context.app.db, requireUser(context).id, projectId, "admin");
