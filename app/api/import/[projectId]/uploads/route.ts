import { z } from "zod";
import { uploadPurposes } from "@/db/schema/items";
import { importAccess, uploadStore } from "@/server/http/imports";
import { handle, readJson } from "@/server/http/route";
import { beginUpload, pieceBytes } from "@/server/services/uploads.service";

const uploadSchema = z.object({
  fileName: z.string().trim().min(1).max(255),
  bytes: z.number().int().min(1),
  fingerprint: z.string().max(255).default(""),
  purpose: z.enum(uploadPurposes).default("import"),
});

/** Begins an upload in pieces, or finds the one that was begun for the same file: where it is, and how large a piece may be. */
export function POST(request: Request, { params }: { params: Promise<{ projectId: string }> }): Promise<Response> {
  return handle(request, async (context) => {
    const access = importAccess(context, (await params).projectId);
    const begun = await beginUpload(uploadStore(context.app), access, await readJson(request, uploadSchema));
    return Response.json({ ...begun, pieceBytes });
  });
}
