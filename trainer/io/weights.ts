import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { nf4Bytes } from "../contracts/adapter";
import { TrainerError } from "../contracts/error";
import { stateBytes } from "../contracts/trainingCost";
import type { Projection } from "../models/names";
import { sizeOf } from "../runtime/tree";
import { withFile } from "./binaryFile";
import { inNf4, isNf4State, type Nf4Origin, readNf4, storesNf4 } from "./nf4/stored";
import { type Parameters, readSafetensorsHeader, readTensor } from "./safetensors";
import { transpose } from "./transpose";

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

/** Refuses what does not fit into the memory that is free, with the arithmetic; `packed` of the parameters are in 4 bits. */
export function requireMemory(what: string, parameters: number, free = process.availableMemory(), packed = 0): void {
  const needed = 4 * (parameters - packed) + nf4Bytes * packed;
  if (needed <= free) return;
  const millions = (n: number, bytes: number) =>
    `${(n / 1e6).toFixed(1)} million parameters × ${Number(bytes.toFixed(2))} bytes`;
  const parts = [millions(parameters - packed, 4), ...(packed > 0 ? [millions(packed, nf4Bytes)] : [])];
  const sum = `${parts.join(" + ")} = ${gigabytes(needed)}`;
  throw new TrainerError(
    "out_of_memory",
    `${what} does not fit: ${sum}, and ${gigabytes(free)} of memory is free. Free some memory or take a smaller model.`,
    { needed, free },
  );
}

/** Refuses a run whose weights and moments do not fit beside the weights that are read already, with the arithmetic. */
export function requireTrainingMemory(trained: number, free = process.availableMemory()): void {
  const whole = stateBytes({ trained, frozen: 0 });
  const needed = whole - 4 * trained;
  if (needed <= free) return;
  const sum = `${(trained / 1e6).toFixed(1)} million trained parameters × 4 bytes × 9 (weights and both moments, three times) = ${gigabytes(whole)}`;
  throw new TrainerError(
    "out_of_memory",
    `This run does not fit: ${sum}, of which ${gigabytes(4 * trained)} are there, and ${gigabytes(free)} of memory is free. Train an adapter, take a smaller model, or free some memory.`,
    { needed, free },
  );
}

/** Which weights may lie in 4 bits, and whether they are to be brought into them; GPT-2's are `transposed`. */
interface Nf4Reading {
  readonly projections: readonly Projection[];
  readonly transposed: boolean;
  readonly quantise: boolean;
}

interface ReadWeights {
  readonly parameters: Parameters;
  /** What the weights that were found in 4 bits had been before; null where there were none. */
  readonly origin: Nf4Origin | null;
}

/**
 * Reads the parameters with these names and shapes from a folder, each once and straight into its place; others are left.
 * What is to be in 4 bits is brought into them as soon as it is read, one tensor after the other.
 */
export function readWeights(
  folder: string,
  expected: Readonly<Record<string, readonly number[]>>,
  { projections, transposed, quantise }: Nf4Reading = { projections: [], transposed: false, quantise: false },
): ReadWeights {
  const packable = new Map(projections.map((projection) => [`${projection.name}.weight`, projection]));
  const sizeOfAll = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + sizeOf(expected[name] ?? []), 0);
  const files = weightFiles(folder);
  const holdsNf4 = (path: string) => withFile(path, (file) => [...readSafetensorsHeader(file).keys()].some(isNf4State));
  const packed = packable.size > 0 && (quantise || files.some(holdsNf4)) ? sizeOfAll(packable.keys()) : 0;
  requireMemory(folder, sizeOfAll(Object.keys(expected)), process.availableMemory(), packed);
  const found: Record<string, Parameters> = {};
  let origin: Nf4Origin | null = null;
  const bad = (name: string, what: string) =>
    new TrainerError("bad_model", `${folder}: the parameter ${name} ${what}.`, { folder, parameter: name });
  for (const path of files) {
    withFile(path, (file) => {
      const stored = readSafetensorsHeader(file);
      // The hub's first GPT-2 files name their parameters without "transformer.".
      const bare = stored.has("wte.weight");
      for (const [name, shape] of Object.entries(expected)) {
        const tensor = stored.get(bare ? name.replace(/^transformer\./, "") : name);
        if (!tensor) continue;
        const projection = packable.get(name);
        if (projection && storesNf4(stored, projection.name)) {
          const read = readNf4(file, stored, projection);
          found[name] = read.parts;
          origin = read.origin;
          continue;
        }
        if (tensor.shape.join() !== shape.join())
          throw bad(name, `has shape [${tensor.shape}] where config.json says [${shape}]`);
        const array = readTensor(file, name, tensor);
        found[name] =
          projection && quantise ? inNf4(projection.name, transposed ? transpose(array) : array) : { [name]: array };
      }
    });
  }
  const missing = Object.keys(expected).find((name) => !found[name]);
  if (missing) throw bad(missing, "is missing");
  return { parameters: Object.assign({}, ...Object.keys(expected).map((name) => found[name])), origin };
}
