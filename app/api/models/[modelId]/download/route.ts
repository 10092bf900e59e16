import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ZipFile } from "yazl";
import { handle, requireUser } from "@/server/http/route";
import { authorize } from "@/server/services/access";
import { mergeModel } from "@/server/services/mergedModel";
import { starterDir } from "@/server/services/modelFolder";
import { mergeOf, modelFiles } from "@/server/services/models.service";

/** Made by tools/build.mjs; the product runs in its own folder. */
const mergeScript = join(process.cwd(), "dist", "merge.mjs");

/** A model's folder as one zip, streamed; with `merged`, an adapter and its base as one set of weights, made for this request. */
export function GET(request: Request, { params }: { params: Promise<{ modelId: string }> }): Promise<Response> {
  return handle(request, async (context) => {
    const user = requireUser(context);
    const { db, env } = context.app;
    const { searchParams } = new URL(request.url);
    const access = authorize(db, user.id, searchParams.get("projectId") ?? "", "admin");
    const { modelId } = await params;
    const places = { dataDir: env.dataDir, starterDir };
    if (!searchParams.has("merged")) {
      const { name, files } = await modelFiles(db, access, modelId, places);
      return zipped(name, files);
    }
    const { name, ...parts } = mergeOf(db, access, modelId, places);
    const place = await mergeModel({ ...parts, title: name }, env.dataDir, mergeScript);
    const folder = join(place, "model");
    const files = (await readdir(folder)).map((file) => ({ path: join(folder, file), inZip: `${name}/${file}` }));
    return zipped(name, files, () => rm(place, { recursive: true, force: true }));
  });
}

/** `after`: when the last byte is read, or nobody reads any more. */
function zipped(
  name: string,
  files: readonly { readonly path: string; readonly inZip: string; readonly content?: string }[],
  after: () => Promise<void> = async () => {},
): Response {
  const zip = new ZipFile();
  const output = Readable.from(zip.outputStream);
  zip.on("error", (error: Error) => output.destroy(error));
  output.once("close", after);
  // Weights are as good as random: squeezing them takes long and saves a tenth.
  for (const { path, inZip, content } of files) {
    if (content === undefined) zip.addFile(path, inZip, { compress: !path.endsWith(".safetensors") });
    else zip.addBuffer(Buffer.from(content), inZip);
  }
  zip.end();
  return new Response(Readable.toWeb(output) as ReadableStream, {
    headers: {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="${name}.zip"`,
      "cache-control": "no-store",
    },
  });
}
