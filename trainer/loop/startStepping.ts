import { join } from "node:path";
import type { OptimizerConfig } from "../contracts/runConfig";
import type { Parameters } from "../io/safetensors";
import type { SessionCache } from "../runtime/sessionCache";
import { PagedMoments } from "./pagedMoments";
import { PagedStepper } from "./pagedStepper";
import { blank, type State, Stepper, type StepperOptions } from "./stepper";
import type { Objective } from "./trainStep";

interface Stepping {
  readonly stepper: Stepper;
  /** Where it starts. */
  readonly state: State;
  close(): void;
}

/** Copies, into `into` when there is one. */
export function copy(parameters: Parameters, into?: Parameters): Parameters {
  if (!into) {
    return Object.fromEntries(Object.entries(parameters).map(([name, a]) => [name, { ...a, data: a.data.slice() }]));
  }
  for (const [name, { data }] of Object.entries(parameters)) into[name]?.data.set(data);
  return into;
}

/**
 * What takes the steps of a run, from `from` or the beginning on. A paged optimizer keeps its moments in a file in `folder`
 * and writes the parameters in place, so that it works on a copy.
 */
export function startStepping(
  cache: SessionCache,
  job: StepperOptions & { readonly parameters: Parameters; readonly objective: Objective },
  config: OptimizerConfig,
  { folder, from }: { readonly folder: string; readonly from: State | null },
): Stepping {
  const p = from?.p ?? job.parameters;
  if (config.algorithm !== "paged_adamw") {
    const state = from ? { p, m: from.m, v: from.v } : { p, m: blank(p), v: blank(p) };
    return { stepper: new Stepper(cache, job.objective, config, job), state, close() {} };
  }
  const moments = new PagedMoments(join(folder, "moments"), p, from);
  return {
    stepper: new PagedStepper(cache, job.objective, config, job, moments),
    state: { p: from ? p : copy(p), ...moments.arrays() },
    close: () => moments.close(),
  };
}
