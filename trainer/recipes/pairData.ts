import type { DpoConfig, RewardConfig } from "../contracts/runConfig";
import { readPreferences, type Split } from "../data/examples";
import { tokenisePairs } from "../data/preferences";
import type { ModelFolder } from "../io/modelFolder";
import { requireExamples } from "./run";

/** Both splits of a dataset of pairs as token ids. */
export function loadPairs(config: RewardConfig | DpoConfig, base: ModelFolder) {
  const maxLength = Math.min(config.maxLength, base.config.maxPositions);
  const load = (split: Split) => {
    const { pairs, dropped } = tokenisePairs(readPreferences(config.dataset, split), base, maxLength);
    return { pairs, count: { used: pairs.length, dropped } };
  };
  const [train, test] = [load("train"), load("test")];
  requireExamples(config.dataset, train.count);
  return { train, test };
}
