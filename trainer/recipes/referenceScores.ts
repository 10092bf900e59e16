import { createHash } from "node:crypto";
import { fingerprint } from "../io/fingerprint";
import { LogProbFile, type Scored } from "../io/logProbFile";
import type { ModelFolder } from "../io/modelFolder";
import { withoutAdapter } from "../models/config";
import type { Provider } from "../runtime/program";

/** What a run is given beside its configuration. */
export interface PrepareOptions {
  /** Folder in which the reference's log-probabilities are kept from run to run; nothing is kept without it. */
  readonly cacheFolder?: string | undefined;
}

/**
 * The reference's log-probabilities, found by the tokens where a run before this one had them. They differ from those of this
 * run's own batches by float rounding. `score` fills in the others.
 */
export class ReferenceScores {
  private readonly kept: LogProbFile;
  private readonly told: boolean;
  private asked = 0;
  private found = 0;

  constructor({ config, parameters }: ModelFolder, provider: Provider, { cacheFolder }: PrepareOptions) {
    const shape = JSON.stringify([provider.name, withoutAdapter(config)]);
    const model = createHash("sha256").update(shape).update(fingerprint(parameters)).digest("hex").slice(0, 40);
    this.kept = new LogProbFile(cacheFolder ?? null, model);
    this.told = cacheFolder !== undefined;
  }

  /** For each group of sequences their log-probabilities; those of groups that are not all kept come from `score`. */
  async of<T extends readonly Scored[]>(
    groups: readonly T[],
    score: (missing: readonly number[]) => Promise<readonly (readonly number[])[]>,
  ): Promise<number[][]> {
    const known = (group: T) => group.map((sequence) => this.kept.find(sequence));
    const missing = groups.flatMap((group, i) => (known(group).includes(undefined) ? [i] : []));
    this.asked += groups.length;
    this.found += groups.length - missing.length;
    const scored = missing.length > 0 ? await score(missing) : [];
    missing.forEach((i, at) => {
      for (const [j, sequence] of (groups[i] as T).entries()) this.kept.add(sequence, scored[at]?.[j] as number);
    });
    this.kept.save();
    return groups.map((group) => known(group) as number[]);
  }

  /** What a run's log says of it. */
  get note(): string[] {
    if (!this.told) return [];
    return [`Log-probabilities under the reference: ${this.found} of ${this.asked} were known already.`];
  }
}
