import type { AdapterConfig } from "../../contracts/adapter";
import type { ModelAdapter } from "../../models/adapter";
import type { ModelConfig } from "../../models/config";
import { linear } from "../../models/layers";
import { allProjections } from "../../models/names";
import { isQuantised, unpackedWeight } from "../../models/quantised";
import { type TensorParameters, weight } from "../../models/tensors";
import { detached } from "../../models/withGradient";
import { dropout } from "../../runtime/random";
import * as tf from "../../runtime/tf";
import { loraNames } from "./names";

/** α/r, or α/√r (rsLoRA). */
export const scaleOf = ({ alpha, rank, rankStabilised }: AdapterConfig): number =>
  alpha / (rankStabilised ? Math.sqrt(rank) : rank);

/**
 * y = Wx + s·B(A·x), with PiSSA − s·B₀(A₀·x), and with DoRA m/‖W + s·BA‖ times that, row by row, the norm being constant to
 * the gradient (Liu et al. 2024, section 4.3). Dropout, as in PEFT, is on what DoRA adds and not on the base's own product.
 */
export function loraForward(config: AdapterConfig, llama: ModelConfig): ModelAdapter {
  const streams = new Map(allProjections(llama).map(({ name }, i) => [name, i]));
  const scale = scaleOf(config);
  const withSeed = (seed: tf.Tensor | null): ModelAdapter => ({
    project(p, name, x, plain) {
      const n = loraNames(name);
      if (!p[n.a]) return plain(x);
      const input = seed ? dropout(x, config.dropout, seed, streams.get(name)) : x;
      const added = tf.mul(
        change(p, name, (a, b) => linear(linear(input, a), b)),
        scale,
      );
      const own = plain(x);
      const magnitude = p[n.magnitude];
      if (!magnitude) return tf.add(own, added);
      const gain = tf.div(magnitude, detached(rowNorms(p, llama, name, { x, scale }))); // [out]
      if (!seed) return tf.mul(tf.add(own, added), gain);
      return tf.add(own, tf.add(tf.mul(plain(input), tf.sub(gain, 1)), tf.mul(added, gain)));
    },
    ...(!seed && config.dropout > 0 && { droppingOut: withSeed }),
  });
  return withSeed(null);
}

/** What `of` makes of A and B, less what it makes of those that PiSSA started from. */
function change(p: TensorParameters, name: string, of: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): tf.Tensor {
  const n = loraNames(name);
  const now = of(weight(p, n.a), weight(p, n.b));
  return p[n.initialA] ? tf.sub(now, of(weight(p, n.initialA), weight(p, n.initialB))) : now;
}

/** ‖W + s·BA‖ of each row of outputs: [out]. */
function rowNorms(
  p: TensorParameters,
  { family }: ModelConfig,
  name: string,
  { x, scale }: { readonly x: tf.Tensor; readonly scale: number },
): tf.Tensor {
  const product = (a: tf.Tensor, b: tf.Tensor) => tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D);
  const plain = () => {
    const own = weight(p, `${name}.weight`);
    return family === "gpt2" ? tf.transpose(own) : own;
  };
  const own = isQuantised(p, name) ? unpackedWeight(p, name, x) : plain();
  const w = tf.add(own, tf.mul(change(p, name, product), scale));
  return tf.sqrt(tf.sum(tf.square(w), 1));
}
