import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { type ModelShape, modelShape } from "@/trainer/contracts/modelShape";

export const starterModelId = "starter";
/** `path` of the model that ships with the product: it does not lie in the data folder. */
export const starterPath = "starter";

/** The product runs in its own folder (server/web/main.ts); the starter model lies in it. */
export const starterDir = join(process.cwd(), "trainer", "starter");

/** Where a registered model's files are. */
export function modelFolder(path: string, { dataDir, starterDir }: { dataDir: string; starterDir: string }): string {
  if (path === starterPath) return starterDir;
  const folder = resolve(dataDir, path);
  if (!folder.startsWith(resolve(dataDir) + sep)) throw new Error(`${path} leads out of the data folder`);
  return folder;
}

/** Counts a model's parameters, of an adapter its own, from the header of its safetensors file, and the bytes of its files. */
export function measureModelFolder(folder: string): { parameters: number; bytes: number } {
  const adapter = join(folder, "adapter_model.safetensors");
  const header = readHeader(existsSync(adapter) ? adapter : join(folder, "model.safetensors"));
  const parameters = Object.entries(header).reduce(
    (sum, [name, { shape }]) => (name === "__metadata__" ? sum : sum + shape.reduce((n, size) => n * size, 1)),
    0,
  );
  const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  return { parameters, bytes };
}

/** What decides the cost of training a model, from its config.json and the header of its weights; null for an adapter, or where the files tell too little. */
export function readModelShape(folder: string): ModelShape | null {
  const [config, weights] = [join(folder, "config.json"), join(folder, "model.safetensors")];
  if (!existsSync(config) || !existsSync(weights)) return null;
  const { __metadata__: _, ...tensors } = readHeader(weights);
  const shapes = Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));
  return modelShape(shapes, JSON.parse(readFileSync(config, "utf8")));
}

/** safetensors: eight bytes of length, little-endian, then that much JSON. */
function readHeader(file: string): Record<string, { shape: number[] }> {
  const handle = openSync(file, "r");
  try {
    const length = Buffer.alloc(8);
    readSync(handle, length, 0, 8, 0);
    const json = Buffer.alloc(Number(length.readBigUInt64LE()));
    readSync(handle, json, 0, json.length, 8);
    return JSON.parse(json.toString("utf8"));
  } finally {
    closeSync(handle);
  }
}
