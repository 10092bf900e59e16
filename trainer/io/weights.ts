import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { TrainerError } from "../contracts/error";
import { sizeOf } from "../runtime/tree";
import { withFile } from "./binaryFile";
import { type Parameters, readSafetensorsHeader, readTensor } from "./safetensors";

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** A folder's safetensors files: one, or those that an index names. */
export function weightFiles(folder: string): string[] {
  const index = join(folder, "model.safetensors.index.json");
  if (!existsSync(index)) return [join(folder, "model.safetensors")];
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(index, "utf8"));
  } catch {
    json = null;
  }
  const parsed = indexSchema.safeParse(json);
  const names = parsed.success ? [...new Set(Object.values(parsed.data.weight_map))] : [];
  // A file of this very folder: an index may not lead anywhere else.
  if (names.length === 0 || names.some((name) => basename(name) !== name || !name.endsWith(".safetensors")))
    throw new TrainerError("bad_model", `${index} does not say which files hold the weights. Get the file again.`, {
      index,
    });
  return names.map((name) => join(folder, name));
}

/** `bytes` for a person. */
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;

/** Refuses what does not fit into the memory that is free, with the arithmetic. */
export function requireMemory(what: string, parameters: number, free = process.availableMemory()): void {
  const needed = 4 * parameters;
  if (needed <= free) return;
  const sum = `${(parameters / 1e6).toFixed(1)} million parameters × 4 bytes = ${gigabytes(needed)}`;
  throw new TrainerError(
    "out_of_memory",
    `${what} does not fit: ${sum}, and ${gigabytes(free)} of memory is free. Free some memory or take a smaller model.`,
    { needed, free },
  );
}

/** Reads the parameters with these names and shapes from a folder, each once and straight into its place; others are left. */
export function readWeights(folder: string, expected: Readonly<Record<string, readonly number[]>>): Parameters {
  requireMemory(
    folder,
    Object.values(expected).reduce((sum, shape) => sum + sizeOf(shape), 0),
  );
  const found: Parameters = {};
  const bad = (name: string, what: string) =>
    new TrainerError("bad_model", `${folder}: the parameter ${name} ${what}.`, { folder, parameter: name });
  for (const path of weightFiles(folder)) {
    withFile(path, (file) => {
      const stored = readSafetensorsHeader(file);
      // The hub's first GPT-2 files name their parameters without "transformer.".
      const bare = stored.has("wte.weight");
      for (const [name, shape] of Object.entries(expected)) {
        const tensor = stored.get(bare ? name.replace(/^transformer\./, "") : name);
        if (!tensor) continue;
        if (tensor.shape.join() !== shape.join())
          throw bad(name, `has shape [${tensor.shape}] where config.json says [${shape}]`);
        found[name] = readTensor(file, name, tensor);
      }
    });
  }
  const missing = Object.keys(expected).find((name) => !found[name]);
  if (missing) throw bad(missing, "is missing");
  return Object.fromEntries(Object.keys(expected).map((name) => [name, found[name] as Parameters[string]]));
}
