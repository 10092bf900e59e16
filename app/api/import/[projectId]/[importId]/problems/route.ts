import { Readable } from "node:stream";
import { importAccess } from "@/server/http/imports";
import { handle } from "@/server/http/route";
import { problemLines } from "@/server/services/imports.problems";
import { getImport, listProblems } from "@/server/services/imports.service";

interface Place {
  params: Promise<{ projectId: string; importId: string }>;
}

/** Every refused row of an import as a table, streamed. */
export function GET(request: Request, { params }: Place): Promise<Response> {
  return handle(request, async (context) => {
    const { projectId, importId } = await params;
    const access = importAccess(context, projectId);
    const { db } = context.app;
    const { fileName } = getImport(db, access, importId);
    const lines = Readable.from(problemLines(listProblems(db, access, importId)));
    return new Response(Readable.toWeb(lines) as ReadableStream<Uint8Array>, {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(`${fileName}.refused.csv`)}`,
        "cache-control": "no-store",
      },
    });
  });
}
