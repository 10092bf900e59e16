import { DomainError } from "@/server/domain/errors";
import { exportRequestSchema } from "@/server/domain/exports/request";
import { handle, requireUser } from "@/server/http/route";
import { authorize } from "@/server/services/access";
import { openExport } from "@/server/services/exports.service";
import { projectOfSnapshot } from "@/server/services/snapshots.service";

/** A snapshot as a file or a zipped folder, in the format that the query asks for. */
export function GET(request: Request, { params }: { params: Promise<{ snapshotId: string }> }): Promise<Response> {
  return handle(request, async (context) => {
    const { db, env } = context.app;
    const user = requireUser(context);
    const { snapshotId } = await params;
    const access = authorize(db, user.id, projectOfSnapshot(db, snapshotId), "admin");
    const query = exportRequestSchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!query.success) {
      const issue = query.error.issues[0];
      throw new DomainError("invalid_input", { field: String(issue?.path[0] ?? ""), problem: issue?.message ?? "" });
    }
    const store = { db, snapshotsDir: env.snapshotsDir };
    const { fileName, contentType, body } = await openExport(store, access, { snapshotId, ...query.data });
    return new Response(body, {
      headers: {
        "content-type": contentType,
        "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
        "cache-control": "no-store",
      },
    });
  });
}
