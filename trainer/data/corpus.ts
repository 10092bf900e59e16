import { readFileSync } from "node:fs";
import { TrainerError } from "../contracts/error";
import type { PretrainConfig } from "../contracts/runConfig";
import { derivedSeed, Random } from "./random";
import type { Tokenizer } from "./tokenizer";

/** Documents to learn from, those repeated that a source says to repeat, and documents held out. */
export interface Corpus {
  readonly train: readonly string[];
  readonly heldOut: readonly string[];
}

/** Reads a run's sources. The text after the last separator is cut short more often than not and left out. */
export function readCorpus({ sources, separator }: Pick<PretrainConfig, "sources" | "separator">): Corpus {
  const read = sources.map(({ file, repeat, holdOutFrom }) => {
    const documents = readFileSync(file, "utf8").split(separator).slice(0, -1);
    const whole = (from: number, to?: number) =>
      documents
        .slice(from, to)
        .map((d) => d.trim())
        .filter(Boolean);
    return {
      train: Array.from({ length: repeat }, () => whole(0, holdOutFrom)).flat(),
      heldOut: holdOutFrom === undefined ? [] : whole(holdOutFrom),
    };
  });
  const corpus = { train: read.flatMap((r) => r.train), heldOut: read.flatMap((r) => r.heldOut) };
  if (corpus.train.length > 0 && corpus.heldOut.length > 0) return corpus;
  throw new TrainerError(
    "bad_config",
    `sources: ${corpus.train.length} documents to learn from and ${corpus.heldOut.length} held out. Both are needed: check separator and holdOutFrom.`,
    { field: "sources" },
  );
}

/** Token ids end to end, each document after the token `start`, seen as windows of T + 1 that overlap by one. */
export class Windows {
  private readonly ids: Int32Array;
  /** Whole windows. */
  readonly count: number;

  constructor(
    tokenizer: Tokenizer,
    documents: readonly string[],
    start: number,
    private readonly T: number,
  ) {
    const parts = documents.map((d) => Int32Array.of(start, ...tokenizer.encode(d)));
    this.ids = new Int32Array(parts.reduce((n, part) => n + part.length, 0));
    parts.reduce((at, part) => {
      this.ids.set(part, at);
      return at + part.length;
    }, 0);
    this.count = Math.floor((this.ids.length - 1) / T);
  }

  get tokens(): number {
    return this.ids.length;
  }

  /** What is read and what follows, both [windows, T], for the windows with these numbers. */
  batch(numbers: readonly number[]): { inputs: Int32Array; targets: Int32Array } {
    const { T } = this;
    const [inputs, targets] = [new Int32Array(numbers.length * T), new Int32Array(numbers.length * T)];
    numbers.forEach((n, row) => {
      inputs.set(this.ids.subarray(n * T, (n + 1) * T), row * T);
      targets.set(this.ids.subarray(n * T + 1, (n + 1) * T + 1), row * T);
    });
    return { inputs, targets };
  }
}

/** Which windows step 1, 2, … takes: each epoch a fresh seeded shuffle of all, whole batches only. */
export function windowOrder(count: number, batchSize: number, seed: number): (step: number) => number[] {
  const perEpoch = Math.floor(count / batchSize);
  let current = { epoch: -1, order: [] as number[] };
  return (step) => {
    const epoch = Math.floor((step - 1) / perEpoch);
    if (epoch !== current.epoch) {
      const order = new Random(derivedSeed(seed, 4, epoch)).shuffled(Array.from({ length: count }, (_, i) => i));
      current = { epoch, order };
    }
    const at = ((step - 1) % perEpoch) * batchSize;
    return current.order.slice(at, at + batchSize);
  };
}
