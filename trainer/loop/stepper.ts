import type { OptimizerConfig } from "../contracts/runConfig";
import type { Parameters } from "../io/safetensors";
import type { Rates } from "../optim/adamw";
import type { SessionCache } from "../runtime/sessionCache";
import { type HostArray, scalar, zeros } from "../runtime/tree";
import { endOfStep, type Objective, partOfStep, wholeStep } from "./trainStep";

export type HostBatch = Readonly<Record<string, HostArray>>;

/** Parameters that are trained, and their moments. */
export interface State {
  readonly p: Parameters;
  readonly m: Parameters;
  readonly v: Parameters;
}

interface ProgramResult {
  readonly state: State;
  readonly metrics: Record<string, HostArray>;
}

export interface StepResult {
  readonly state: State;
  readonly metrics: Record<string, number>;
}

/** What a step wrote, and whether by the program of a step in one batch. */
interface Written {
  readonly single: boolean;
  readonly result: ProgramResult;
}

interface PartResult {
  readonly sum: Parameters;
  readonly metrics: Record<string, HostArray>;
}

export const blank = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).map(([name, { shape }]) => [name, zeros(shape)]));

const figures = (metrics: Record<string, HostArray>): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).map(([name, { data }]) => [name, data[0] as number]));

/** The metrics of a step from those of its parts: sums; least and greatest where the name says so. */
function joined(parts: readonly Record<string, number>[]): Record<string, number> {
  const all = (name: string) => parts.map((part) => part[name] as number);
  const join = (name: string) =>
    name.startsWith("min_")
      ? Math.min(...all(name))
      : name.startsWith("max_")
        ? Math.max(...all(name))
        : all(name).reduce((a, b) => a + b, 0);
  return Object.fromEntries(Object.keys(parts[0] ?? {}).map((name) => [name, join(name)]));
}

export interface StepperOptions {
  /** Parameters that are read beside the trained ones. */
  readonly frozen?: Parameters | undefined;
  /** How much faster than the others a parameter learns, by name; 1 where nothing is said. */
  readonly rates?: Rates | undefined;
}

/**
 * Takes optimizer steps; `frozen` parameters are read and never written. A step in one batch is one compiled program; one
 * in several adds up their gradients first. What an earlier step wrote is used again, so that a step allocates nothing: a
 * state is good until the step after the next.
 */
export class Stepper {
  private previous: Written | null = null;
  private spare: Written | null = null;
  private sums: { readonly sum: Parameters; readonly free: PartResult | null } | null = null;
  private readonly whole;
  private readonly part;
  private readonly end;
  private readonly frozen: Parameters;
  protected readonly rates: Rates;
  private placed: Promise<Parameters> | null = null;

  constructor(
    protected readonly cache: SessionCache,
    objective: Objective,
    protected readonly config: OptimizerConfig,
    { frozen = {}, rates = {} }: StepperOptions = {},
  ) {
    this.frozen = frozen;
    this.rates = rates;
    this.whole = wholeStep(objective, config, rates);
    this.part = partOfStep(objective);
    this.end = endOfStep(config, rates);
  }

  async step(
    state: State,
    batches: readonly HostBatch[],
    at: { readonly step: number; readonly rate: number },
  ): Promise<StepResult> {
    const control = this.control(at);
    const [only] = batches;
    const single = batches.length === 1;
    const { sum, metrics } = single ? { sum: null, metrics: {} } : await this.accumulate(state.p, batches);
    const inputs = (single ? [state, only, control, await this.frozenInPlace()] : [state, sum, control]) as never;
    const compiled = await this.cache.get(
      single ? "train" : "end",
      (single ? this.whole : this.end) as never,
      inputs,
      undefined,
      ["state"],
    );
    // The two programs tell different metrics: what one wrote has no room for the other's.
    const into = this.spare?.single === single ? this.spare.result : undefined;
    const out = (await compiled.run(inputs, into as never)) as unknown as ProgramResult;
    this.spare = this.previous;
    this.previous = { single, result: out };
    return { state: out.state, metrics: { ...metrics, ...figures(out.metrics) } };
  }

  /** What changes from step to step. */
  protected control({ step, rate }: { readonly step: number; readonly rate: number }) {
    return {
      rate: scalar(rate),
      correction1: scalar(1 / (1 - this.config.beta1 ** step)),
      correction2: scalar(1 / (1 - this.config.beta2 ** step)),
    };
  }

  /** Every step reads the same frozen arrays: they go to the device once. */
  private frozenInPlace(): Promise<Parameters> {
    this.placed ??= this.cache.place(this.frozen);
    return this.placed;
  }

  /** Two sets of arrays take turns: one is read, the other written. */
  protected async accumulate(p: Parameters, batches: readonly HostBatch[]) {
    let { sum, free } = this.sums ?? { sum: blank(p), free: null };
    for (const { data } of Object.values(sum)) data.fill(0);
    const parts: Record<string, number>[] = [];
    for (const batch of batches) {
      const inputs = [p, sum, batch, await this.frozenInPlace()] as never;
      const compiled = await this.cache.get("part", this.part as never, inputs);
      const out = (await compiled.run(inputs, (free ?? undefined) as never)) as unknown as PartResult;
      parts.push(figures(out.metrics));
      free = { sum, metrics: out.metrics };
      sum = out.sum;
    }
    this.sums = { sum, free };
    return { sum, metrics: joined(parts) };
  }
}
