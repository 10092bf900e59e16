import { join } from "node:path";
import type { RewardSource } from "@/trainer/contracts/online";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import { modelFolder } from "../services/modelFolder";
import type { WorkerContext } from "./context";

/** Where what runs may use again is kept; it can be deleted at any time. */
export const cacheFolder = ({ dataDir }: WorkerContext): string => join(dataDir, "cache", "reference");

/** The configuration with folders as the trainer needs them. */
export function placedConfig(config: RunConfigInput, context: WorkerContext): RunConfigInput {
  if (config.kind === "pretrain") throw new Error("pretraining is not a job of the worker");
  const at = (path: string) => join(context.dataDir, path);
  const source = (from: RewardSource) => (typeof from === "string" ? modelFolder(from, context) : from);
  const sources =
    "reward" in config
      ? {
          reward: source(config.reward as RewardSource),
          ...(config.judge && { judge: source(config.judge as RewardSource) }),
        }
      : {};
  return {
    ...config,
    ...sources,
    baseModel: modelFolder(config.baseModel, context),
    dataset: at(config.dataset),
    output: at(config.output),
  } as RunConfigInput;
}
