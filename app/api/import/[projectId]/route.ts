import { DomainError } from "@/server/domain/errors";
import { importAccess, uploadStore } from "@/server/http/imports";
import { handle } from "@/server/http/route";
import { receiveUpload } from "@/server/services/imports.upload";

/** Takes a file as the request's body, streamed to disk. proxy.ts leaves this path alone: it would buffer the body. */
export function POST(request: Request, { params }: { params: Promise<{ projectId: string }> }): Promise<Response> {
  return handle(request, async (context) => {
    const access = importAccess(context, (await params).projectId);
    const fileName = (new URL(request.url).searchParams.get("fileName") ?? "").trim();
    if (fileName === "" || fileName.length > 255)
      throw new DomainError("invalid_input", { field: "fileName", problem: "give a name of up to 255 characters" });
    const length = request.headers.get("content-length");
    const upload = { fileName, body: request.body, announcedBytes: length === null ? null : Number(length) };
    return Response.json(await receiveUpload(uploadStore(context.app), access, upload));
  });
}
