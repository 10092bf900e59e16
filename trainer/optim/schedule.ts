import type { OptimizerConfig } from "../contracts/runConfig";

/** Learning rate of step 1 … total: linear warm-up, then constant, linear or cosine decay to zero. */
export function learningRate(config: OptimizerConfig, step: number, total: number): number {
  const warmup = Math.ceil(config.warmupRatio * total);
  if (step <= warmup) return (config.learningRate * step) / warmup;
  const progress = (step - warmup) / Math.max(1, total - warmup);
  const left = { constant: 1, linear: 1 - progress, cosine: (1 + Math.cos(Math.PI * progress)) / 2 }[config.schedule];
  return config.learningRate * Math.max(left, 0);
}
