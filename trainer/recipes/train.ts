import { TrainerError } from "../contracts/error";
import { type RunConfigInput, runConfigSchema } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import type { Provider } from "../runtime/program";
import { openProvider } from "../runtime/provider";
import { trainDpo } from "./dpo";
import { pretrain } from "./pretrain";
import { trainReward } from "./reward";

export interface TrainOptions {
  readonly signal?: AbortSignal;
  /** Puts something around every run of a program: a host that shares the machine with other work. */
  readonly around?: (provider: Provider) => Provider;
}

/** Runs one training job, from its newest checkpoint when `config.output` holds one. */
export async function* train(
  input: RunConfigInput,
  { signal, around = (provider) => provider }: TrainOptions = {},
): AsyncGenerator<RunEvent> {
  const parsed = runConfigSchema.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new TrainerError("bad_config", `${issue?.path.join(".") || "config"}: ${issue?.message}.`, {
      field: issue?.path.join(".") ?? "",
    });
  }
  const config = parsed.data;
  const provider = around(await openProvider(config.provider));
  try {
    if (config.kind === "pretrain") yield* pretrain(config, provider, signal);
    else if (config.kind === "reward") yield* trainReward(config, provider, signal);
    else yield* trainDpo(config, provider, signal);
  } finally {
    await provider.close();
  }
}
