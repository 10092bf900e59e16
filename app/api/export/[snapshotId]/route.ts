import { exportRequestSchema } from "@/server/domain/exports/request";
import { fileResponse } from "@/server/http/file";
import { handle, parsed, type RouteContext, requireUser } from "@/server/http/route";
import { authorize } from "@/server/services/access";
import { checkExport, openExport } from "@/server/services/exports.service";
import { projectOfSnapshot } from "@/server/services/snapshots.service";

type Params = { params: Promise<{ snapshotId: string }> };

/** A snapshot as a file or a zipped folder, in the format that the query asks for. */
export function GET(request: Request, { params }: Params): Promise<Response> {
  return handle(request, async (context) => {
    const { store, access, asked } = await readRequest(context, request, params);
    return fileResponse(await openExport(store, access, asked));
  });
}

/** Whether GET would give it: a download that a browser has begun can no longer say why not. */
export function POST(request: Request, { params }: Params): Promise<Response> {
  return handle(request, async (context) => {
    const { store, access, asked } = await readRequest(context, request, params);
    await checkExport(store, access, asked);
    return new Response(null, { status: 204 });
  });
}

async function readRequest(context: RouteContext, request: Request, params: Params["params"]) {
  const { db, env } = context.app;
  const user = requireUser(context);
  const { snapshotId } = await params;
  const access = authorize(db, user.id, projectOfSnapshot(db, snapshotId), "admin");
  const query = parsed(exportRequestSchema, Object.fromEntries(new URL(request.url).searchParams));
  return { store: { db, snapshotsDir: env.snapshotsDir }, access, asked: { snapshotId, ...query } };
}
