import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFolderAtomically } from "../io/atomic";
import { withFile } from "../io/binaryFile";
import { checksum } from "../io/checksum";
import { FileArray } from "../io/fileArray";
import { type Parameters, readSafetensorsHeader, readTensor, safetensorsPieces } from "../io/safetensors";
import type { HostArray } from "../runtime/tree";
import type { LossWindows } from "./watch";

/**
 * Everything a run needs to go on as if it had not stopped, of the parameters those that are trained. The data order
 * follows from the seed and the step.
 */
export interface Checkpoint {
  readonly step: number;
  readonly p: Parameters;
  readonly m: Parameters;
  readonly v: Parameters;
  /** Best held-out value so far and the parameters that gave it, where a recipe keeps them. */
  readonly best: { readonly value: number; readonly step: number; readonly p: Parameters } | null;
  readonly losses: LossWindows;
  /** What the job hands from step to step. */
  readonly carry: object | null;
}

interface Manifest {
  readonly step: number;
  readonly config: string;
  readonly sha256: string;
  readonly best: { readonly value: number; readonly step: number } | null;
  readonly losses: LossWindows;
  readonly carry?: object | null;
}

const folderName = (step: number): string => `step-${String(step).padStart(7, "0")}`;
const sha256 = (data: Uint8Array | string): string => createHash("sha256").update(data).digest("hex");

const prefixed = (prefix: string, parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, array]) => [`${prefix}:${name}`, array]));

/** The tensors of a file whose names have that prefix; `later`: each is read when it is asked for. */
function readPart(path: string, prefix: string, later: boolean): Parameters {
  const arrays = withFile(path, (file) =>
    [...readSafetensorsHeader(file)].flatMap(([name, tensor]): [string, HostArray][] => {
      if (!name.startsWith(`${prefix}:`)) return [];
      const read = () => withFile(path, (again) => readTensor(again, name, tensor).data as Float32Array);
      const array = later ? new FileArray(tensor.shape, read) : readTensor(file, name, tensor);
      return [[name.slice(prefix.length + 1), array]];
    }),
  );
  return Object.fromEntries(arrays);
}

/** Writes a checkpoint whole or not at all, then drops all but the newest `keep`. `identity` tells the run it belongs to. */
export function saveCheckpoint(folder: string, identity: string, now: Checkpoint, keep: number): string {
  const { step, p, m, v, best, losses, carry } = now;
  mkdirSync(folder, { recursive: true });
  const tensors = {
    ...prefixed("p", p),
    ...prefixed("m", m),
    ...prefixed("v", v),
    ...(best && prefixed("best", best.p)),
  };
  const hash = createHash("sha256");
  // Piece by piece: moments may lie in a file, and not all of them fit into memory.
  function* hashed(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
    for (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  }
  function* manifest(): Generator<Uint8Array> {
    const told: Manifest = {
      step,
      config: sha256(identity),
      sha256: hash.digest("hex"),
      best: best && { value: best.value, step: best.step },
      losses,
      carry,
    };
    yield Buffer.from(JSON.stringify(told));
  }
  const path = join(folder, folderName(step));
  const state = hashed(safetensorsPieces(tensors, "F32"));
  writeFolderAtomically(path, { "state.safetensors": state, "state.json": manifest() });
  for (const old of checkpointNames(folder).slice(keep)) rmSync(join(folder, old), { recursive: true, force: true });
  return path;
}

/** Newest first. */
const checkpointNames = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => /^step-\d{7}$/.test(name))
        .sort()
        .reverse()
    : [];

/** The newest checkpoint of this very run whose checksum is right, or null. `later`: its moments are read when they are asked for. */
export function loadNewestCheckpoint(folder: string, identity: string, later = false): Checkpoint | null {
  for (const name of checkpointNames(folder)) {
    try {
      const manifest: Manifest = JSON.parse(readFileSync(join(folder, name, "state.json"), "utf8"));
      const file = join(folder, name, "state.safetensors");
      if (manifest.config !== sha256(identity) || manifest.sha256 !== checksum([file])) continue;
      const part = (prefix: string, wait = false) => readPart(file, prefix, wait);
      const best = manifest.best && { ...manifest.best, p: part("best") };
      const { losses, carry = null } = manifest;
      const moments = { m: part("m", later), v: part("v", later) };
      return { step: manifest.step, p: part("p"), ...moments, best, losses, carry };
    } catch {
      // A half-written or damaged one: the one before it is as good as new.
    }
  }
  return null;
}
