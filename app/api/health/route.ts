import { workerOnline } from "@/db/queries/runs.queries";
import { version } from "@/package.json";
import { handle } from "@/server/http/route";

/** For monitors: answers when the database does. */
export const GET = (request: Request): Promise<Response> =>
  handle(request, ({ app }) => Response.json({ status: "ok", worker: workerOnline(app.db, new Date()), version }));

export const dynamic = "force-dynamic";
