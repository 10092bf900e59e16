import { join } from "node:path";
import type { RunConfigInput } from "@/trainer/contracts/runConfig";
import { modelFolder } from "../services/modelFolder";
import type { WorkerContext } from "./context";

/** The configuration with folders as the trainer needs them. */
export function placedConfig(config: RunConfigInput, context: WorkerContext): RunConfigInput {
  if (config.kind === "pretrain") throw new Error("pretraining is not a job of the worker");
  const at = (path: string) => join(context.dataDir, path);
  return {
    ...config,
    baseModel: modelFolder(config.baseModel, context),
    dataset: at(config.dataset),
    output: at(config.output),
  };
}
