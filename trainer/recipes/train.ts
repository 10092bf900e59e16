import { TrainerError } from "../contracts/error";
import { type RunConfig, type RunConfigInput, runConfigSchema } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { parameterCount } from "../io/modelFolder";
import { requireTrainingMemory } from "../io/weights";
import { withCompileClock } from "../runtime/compileClock";
import type { Provider } from "../runtime/program";
import { openProvider } from "../runtime/provider";
import { prepareKto } from "./kto";
import { prepareOnline } from "./online/prepare";
import { preparePreference } from "./preference";
import { preparePretrain } from "./pretrain";
import type { PrepareOptions } from "./referenceScores";
import { prepareReward } from "./reward";
import { execute, type PreparedRun } from "./run";
import { prepareSft } from "./sft";

export interface TrainOptions extends PrepareOptions {
  readonly signal?: AbortSignal;
  /** Puts something around every run of a program: a host that shares the machine with other work. */
  readonly around?: (provider: Provider) => Provider;
}

/** Checks a configuration and fills in its defaults; an error names the field. */
export function parseConfig(input: RunConfigInput): RunConfig {
  const parsed = runConfigSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new TrainerError("bad_config", `${issue?.path.join(".") || "config"}: ${issue?.message}.`, {
    field: issue?.path.join(".") ?? "",
  });
}

/** Loads and tokenises everything a run needs, and scores it with the reference where there is one. */
export async function prepare(
  config: RunConfig,
  provider: Provider,
  options: PrepareOptions = {},
): Promise<PreparedRun> {
  const run = await prepareKind(config, provider, options);
  // What a GPU holds is not in this memory.
  if (["onnx-cpu", "tfjs-node", "wasm"].includes(provider.name))
    requireTrainingMemory(parameterCount(run.job.parameters));
  return run;
}

async function prepareKind(config: RunConfig, provider: Provider, options: PrepareOptions): Promise<PreparedRun> {
  switch (config.kind) {
    case "pretrain":
      return preparePretrain(config, provider);
    case "reward":
      return prepareReward(config, provider);
    case "sft":
      return prepareSft(config, provider);
    case "kto":
      return prepareKto(config, provider, options);
    case "ppo":
    case "grpo":
    case "rloo":
      return prepareOnline(config, provider);
    case "dpo":
      return preparePreference(config, provider, options);
  }
}

/** Runs one training job, from its newest checkpoint when `config.output` holds one. */
export async function* train(
  input: RunConfigInput,
  { signal, cacheFolder, around = (provider) => provider }: TrainOptions = {},
): AsyncGenerator<RunEvent> {
  const config = parseConfig(input);
  const provider = withCompileClock(around(await openProvider(config.provider)));
  try {
    const run = await prepare(config, provider, { cacheFolder });
    try {
      yield* execute(run, provider, signal);
    } finally {
      await run.dispose();
    }
  } finally {
    await provider.close();
  }
}
