import * as tf from "../runtime/tf";
import { prefixLength } from "./adapter";
import type { ModelConfig } from "./config";

/** RoPE's angle by which each pair of numbers turns from one place to the next: θ^(−2i/size), stretched as the model says. */
export function frequencies({
  headSize,
  ropeTheta,
  ropeScaling,
}: Pick<ModelConfig, "headSize" | "ropeTheta" | "ropeScaling">): Float64Array {
  const plain = Float64Array.from({ length: headSize / 2 }, (_, i) => ropeTheta ** (-(2 * i) / headSize));
  if (!ropeScaling) return plain;
  if (ropeScaling.type === "linear") return plain.map((f) => f / ropeScaling.factor);
  if (ropeScaling.type === "yarn") {
    const from = yarnPair(headSize, ropeTheta, ropeScaling);
    const [first, last] = [Math.max(from.first, 0), Math.min(from.last, headSize - 1)];
    return plain.map((f, i) => {
      const stretched = Math.min(1, Math.max(0, (i - first) / (last === first ? 0.001 : last - first)));
      return (stretched * f) / ropeScaling.factor + (1 - stretched) * f;
    });
  }
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = ropeScaling;
  // Llama 3.1: fast turns stay, those slower than the training context are stretched, between them a straight line.
  return plain.map((f) => {
    const turns = (originalPositions * f) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return ((1 - kept) * f) / factor + kept * f;
  });
}

type Yarn = Extract<ModelConfig["ropeScaling"], { type: "yarn" }>;

/** YaRN (Peng et al. 2023) as transformers has it: the pairs that turn betaFast and betaSlow times in the original positions. */
function yarnPair(headSize: number, theta: number, { originalPositions, betaFast, betaSlow, truncate }: Yarn) {
  const pairOf = (turns: number) =>
    (headSize * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const [first, last] = [pairOf(betaFast), pairOf(betaSlow)];
  return truncate ? { first: Math.floor(first), last: Math.ceil(last) } : { first, last };
}

interface Table {
  readonly cos: Float32Array;
  readonly sin: Float32Array;
}

/** cos and sin of place × frequency for so many places, each [count, size/2], computed in double precision and grown as the model says. */
export const ropeAngles = (c: ModelConfig, count: number): Table =>
  anglesOf(c, count, 1, c.ropeScaling?.type === "yarn" ? c.ropeScaling.attentionFactor : 1);

function anglesOf(c: ModelConfig, count: number, step: number, scale: number): Table {
  const each = frequencies(c);
  const at = Array.from({ length: count }, (_, n) => each.map((f) => n * step * f));
  const table = (of: (x: number) => number) =>
    Float32Array.from(at.flatMap((row) => Array.from(row, (x) => scale * of(x))));
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** Places for which a table of angles is kept; further ones add a multiple's angle. */
const tablePlaces = 2048;

/** cos and sin of RoPE at places [N] int32 below the model's most, those of a prefix counted, in `shape`. */
export function anglesAt(c: ModelConfig, places: tf.Tensor, shape: number[]): [tf.Tensor, tf.Tensor] {
  const look = ({ cos, sin }: Table, rows: tf.Tensor) =>
    [cos, sin].map((table) =>
      tf.reshape(
        tf.gather(tf.tensor(table, [table.length / (c.headSize / 2), c.headSize / 2]), rows as tf.Tensor1D),
        shape,
      ),
    ) as [tf.Tensor, tf.Tensor];
  const most = prefixLength(c) + c.maxPositions;
  if (most <= tablePlaces) return look(ropeAngles(c, most), places);
  const multiple = tf.floorDiv(places, tf.scalar(tablePlaces, "int32"));
  const rest = tf.sub(places, tf.mul(multiple, tf.scalar(tablePlaces, "int32")));
  const [cosA, sinA] = look(anglesOf(c, Math.ceil(most / tablePlaces), tablePlaces, 1), multiple);
  const [cosB, sinB] = look(ropeAngles(c, tablePlaces), rest);
  return [tf.sub(tf.mul(cosA, cosB), tf.mul(sinA, sinB)), tf.add(tf.mul(sinA, cosB), tf.mul(cosA, sinB))];
}
