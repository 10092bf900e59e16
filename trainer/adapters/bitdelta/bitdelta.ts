import type { Parameters } from "../../io/safetensors";
import type { ModelConfig } from "../../models/config";
import { allProjections } from "../../models/names";
import { weight } from "../../models/tensors";
import * as tf from "../../runtime/tf";
import type { HostArray } from "../../runtime/tree";
import type { AppliedMethod } from "../method";
import { deltaNames } from "./names";
import { timesSigns, withSigns } from "./signs";

export interface DeltaConfig {
  readonly method: "bitdelta";
}

/**
 * BitDelta (Liu et al. 2024): a fine-tuned model as its base and, for each projection, one bit a weight and one scale:
 * y = Wx + α·Sx. What else fine-tuning changed stands in the base's place.
 */
export const bitdelta: AppliedMethod = {
  forward: ({ family }) => ({
    project(p, name, x, plain) {
      const { signs, scale } = deltaNames(name);
      const words = p[signs];
      if (!words) return plain(x);
      const change = timesSigns(x, words, weight(p, `${name}.weight`), family !== "gpt2");
      return tf.add(plain(x), tf.mul(change, weight(p, scale)));
    },
  }),
  merge(llama: ModelConfig, parameters: Parameters) {
    const merged: Record<string, HostArray> = {};
    for (const { name } of allProjections(llama)) {
      const { signs, scale } = deltaNames(name);
      const words = parameters[signs];
      if (!words) continue;
      const alpha = parameters[scale]?.data[0] as number;
      merged[`${name}.weight`] = withSigns(parameters[`${name}.weight`] as HostArray, words, alpha);
    }
    return merged;
  },
};
