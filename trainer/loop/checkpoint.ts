import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFolderAtomically } from "../io/atomic";
import { encodeSafetensors, type Parameters, readSafetensors } from "../io/safetensors";
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

const withPrefix = (prefix: string, stored: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(stored).flatMap(([name, array]) =>
      name.startsWith(`${prefix}:`) ? [[name.slice(prefix.length + 1), array]] : [],
    ),
  );

/** Writes a checkpoint whole or not at all, then drops all but the newest `keep`. `identity` tells the run it belongs to. */
export function saveCheckpoint(folder: string, identity: string, state: Checkpoint, keep: number): string {
  const { step, p, m, v, best, losses, carry } = state;
  mkdirSync(folder, { recursive: true });
  const tensors = {
    ...prefixed("p", p),
    ...prefixed("m", m),
    ...prefixed("v", v),
    ...(best && prefixed("best", best.p)),
  };
  const bytes = encodeSafetensors(tensors, "F32");
  const manifest: Manifest = {
    step,
    config: sha256(identity),
    sha256: sha256(bytes),
    best: best && { value: best.value, step: best.step },
    losses,
    carry,
  };
  const path = join(folder, folderName(step));
  writeFolderAtomically(path, { "state.safetensors": bytes, "state.json": JSON.stringify(manifest) });
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

/** The newest checkpoint of this very run whose checksum is right, or null. */
export function loadNewestCheckpoint(folder: string, identity: string): Checkpoint | null {
  for (const name of checkpointNames(folder)) {
    try {
      const manifest: Manifest = JSON.parse(readFileSync(join(folder, name, "state.json"), "utf8"));
      const file = join(folder, name, "state.safetensors");
      if (manifest.config !== sha256(identity) || manifest.sha256 !== sha256(readFileSync(file))) continue;
      const stored = readSafetensors(file);
      const part = (prefix: string) => withPrefix(prefix, stored);
      const best = manifest.best && { ...manifest.best, p: part("best") };
      const { losses, carry = null } = manifest;
      return { step: manifest.step, p: part("p"), m: part("m"), v: part("v"), best, losses, carry };
    } catch {
      // A half-written or damaged one: the one before it is as good as new.
    }
  }
  return null;
}
