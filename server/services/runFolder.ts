import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Takes out of a run's folder what is of no use once the run has ended: checkpoints, and folders a kill left half written. */
export function removeWorkings(output: string): void {
  for (const name of existsSync(output) ? readdirSync(output) : []) {
    if (name === "checkpoints" || name.includes(".tmp-")) rmSync(join(output, name), { recursive: true, force: true });
  }
}
