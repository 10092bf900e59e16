import { z } from "zod";
import { DomainError } from "@/server/domain/errors";
import { handle, requireUser } from "@/server/http/route";
import { authorize } from "@/server/services/access";
import { exportFormats, exportSplits, openExport } from "@/server/services/exports.service";
import { projectOfSnapshot } from "@/server/services/snapshots.service";

const querySchema = z.object({
  format: z.enum(exportFormats).default("trl-conversational"),
  split: z.enum(exportSplits).default("all"),
});

/** A snapshot as a JSONL file. */
export function GET(request: Request, { params }: { params: Promise<{ snapshotId: string }> }): Promise<Response> {
  return handle(request, async (context) => {
    const { db, env } = context.app;
    const user = requireUser(context);
    const { snapshotId } = await params;
    const access = authorize(db, user.id, projectOfSnapshot(db, snapshotId), "admin");
    const query = querySchema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
    if (!query.success) {
      const issue = query.error.issues[0];
      throw new DomainError("invalid_input", { field: String(issue?.path[0] ?? ""), problem: issue?.message ?? "" });
    }
    const store = { db, snapshotsDir: env.snapshotsDir };
    const { fileName, body } = await openExport(store, access, { snapshotId, ...query.data });
    return new Response(body, {
      headers: {
        "content-type": "application/x-ndjson; charset=utf-8",
        "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName)}`,
        "cache-control": "no-store",
      },
    });
  });
}
