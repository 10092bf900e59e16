import { DomainError } from "@/server/domain/errors";
import { importAccess, uploadStore } from "@/server/http/imports";
import { handle } from "@/server/http/route";
import { appendPiece, discardUpload, finishUpload, uploadOffset } from "@/server/services/uploads.service";

interface Place {
  params: Promise<{ projectId: string; uploadId: string }>;
}

const at = (offset: number, bytes?: number): HeadersInit => ({
  "upload-offset": String(offset),
  ...(bytes === undefined ? {} : { "upload-length": String(bytes) }),
  "cache-control": "no-store",
});

/** How far an upload is. */
export function HEAD(request: Request, { params }: Place): Promise<Response> {
  return handle(request, async (context) => {
    const { projectId, uploadId } = await params;
    const store = uploadStore(context.app);
    const { offset, bytes } = await uploadOffset(store, importAccess(context, projectId), uploadId);
    return new Response(null, { headers: at(offset, bytes) });
  });
}

/** Adds the body at `Upload-Offset`; with `Upload-Checksum: sha256 <base64>` only if it arrived as it was sent. */
export function PATCH(request: Request, { params }: Place): Promise<Response> {
  return handle(request, async (context) => {
    const { projectId, uploadId } = await params;
    const access = importAccess(context, projectId);
    const said = request.headers.get("upload-offset");
    const begin = said === null ? Number.NaN : Number(said);
    if (!Number.isSafeInteger(begin) || begin < 0)
      throw new DomainError("invalid_input", { field: "upload-offset", problem: "say where the piece begins" });
    const [algorithm, sha256 = null] = (request.headers.get("upload-checksum") ?? "sha256").split(" ");
    if (algorithm !== "sha256")
      throw new DomainError("invalid_input", { field: "upload-checksum", problem: "must be sha256 and base64" });
    const piece = { offset: begin, body: request.body, sha256 };
    const { offset } = await appendPiece(uploadStore(context.app), access, uploadId, piece);
    return new Response(null, { status: 204, headers: at(offset) });
  });
}

/** All pieces are there: makes an import of the file. */
export function POST(request: Request, { params }: Place): Promise<Response> {
  return handle(request, async (context) => {
    const { projectId, uploadId } = await params;
    return Response.json(await finishUpload(uploadStore(context.app), importAccess(context, projectId), uploadId));
  });
}

/** Nobody wants to go on with it. */
export function DELETE(request: Request, { params }: Place): Promise<Response> {
  return handle(request, async (context) => {
    const { projectId, uploadId } = await params;
    await discardUpload(uploadStore(context.app), importAccess(context, projectId), uploadId);
    return new Response(null, { status: 204 });
  });
}
