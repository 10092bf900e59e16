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
 * The reference's log-probabilities of a run's texts, kept for the runs after it. They hang, in their last bits, on how a batch
 * is laid out; so they are taken over only for the very same texts in the same layout, and a run's weights never depend on what
 * ran before it.
 */
export class ReferenceScores {
  private readonly who: Buffer;
  private asked = 0;
  private found = 0;

  /** `layout`: all of a configuration that decides which texts share a batch and how it is computed. */
  constructor(
    { config, parameters }: ModelFolder,
    provider: Provider,
    layout: unknown,
    private readonly options: PrepareOptions,
  ) {
    const shape = JSON.stringify([provider.name, withoutAdapter(config), layout]);
    this.who = createHash("sha256").update(shape).update(fingerprint(parameters)).digest();
  }

  /** For each group of sequences their log-probabilities: `score`'s, unless they are kept. */
  async of<T extends readonly Scored[]>(
    groups: readonly T[],
    score: () => Promise<readonly (readonly number[])[]>,
  ): Promise<number[][]> {
    const set = createHash("sha256").update(this.who).update(JSON.stringify(groups)).digest("hex").slice(0, 40);
    const kept = new LogProbFile(this.options.cacheFolder ?? null, set);
    const known = () => groups.map((group) => group.map((sequence) => kept.find(sequence)));
    this.asked += groups.length;
    if (known().flat().includes(undefined)) {
      const scored = await score();
      groups.forEach((group, i) => {
        for (const [j, sequence] of group.entries()) kept.add(sequence, scored[i]?.[j] as number);
      });
      kept.save();
    } else {
      this.found += groups.length;
    }
    return known() as number[][];
  }

  /** What a run's log says of it. */
  get note(): string[] {
    if (this.options.cacheFolder === undefined) return [];
    return [`Log-probabilities under the reference: ${this.found} of ${this.asked} were known already.`];
  }
}
