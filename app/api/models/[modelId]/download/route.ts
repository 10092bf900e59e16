import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import { handle, requireUser } from "@/server/http/route";
import { authorize } from "@/server/services/access";
import { starterDir } from "@/server/services/modelFolder";
import { modelFiles } from "@/server/services/models.service";

/** A model's Hugging Face folder as one zip, streamed. */
export function GET(request: Request, { params }: { params: Promise<{ modelId: string }> }): Promise<Response> {
  return handle(request, async (context) => {
    const user = requireUser(context);
    const { db, env } = context.app;
    const projectId = new URL(request.url).searchParams.get("projectId") ?? "";
    const access = authorize(db, user.id, projectId, "admin");
    const { modelId } = await params;
    const { name, files } = await modelFiles(db, access, modelId, { dataDir: env.dataDir, starterDir });
    const zip = new ZipFile();
    const output = Readable.from(zip.outputStream);
    zip.on("error", (error: Error) => output.destroy(error));
    // Weights are as good as random: squeezing them takes long and saves a tenth.
    for (const { path, inZip } of files) zip.addFile(path, inZip, { compress: !path.endsWith(".safetensors") });
    zip.end();
    return new Response(Readable.toWeb(output) as ReadableStream, {
      headers: {
        "content-type": "application/zip",
        "content-disposition": `attachment; filename="${name}.zip"`,
        "cache-control": "no-store",
      },
    });
  });
}
