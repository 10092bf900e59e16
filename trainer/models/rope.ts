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
  const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = ropeScaling;
  // Llama 3.1: fast turns stay, those slower than the training context are stretched, between them a straight line.
  return plain.map((f) => {
    const turns = (originalPositions * f) / (2 * Math.PI);
    const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return ((1 - kept) * f) / factor + kept * f;
  });
}

/** cos and sin of place × frequency for so many places, `step` apart, each [count, size/2], computed in double precision. */
export function ropeAngles(c: ModelConfig, count: number, step = 1): { cos: Float32Array; sin: Float32Array } {
  const each = frequencies(c);
  const at = Array.from({ length: count }, (_, n) => each.map((f) => n * step * f));
  const table = (of: (x: number) => number) => Float32Array.from(at.flatMap((row) => Array.from(row, of)));
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/** Places for which a table of angles is kept; further ones add a multiple's angle. */
const tablePlaces = 2048;

/** cos and sin of RoPE at places [N] int32 below the model's most, those of a prefix counted, in `shape`. */
export function anglesAt(c: ModelConfig, places: tf.Tensor, shape: number[]): [tf.Tensor, tf.Tensor] {
  const look = ({ cos, sin }: ReturnType<typeof ropeAngles>, rows: tf.Tensor) =>
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
  const [cosA, sinA] = look(ropeAngles(c, Math.ceil(most / tablePlaces), tablePlaces), multiple);
  const [cosB, sinB] = look(ropeAngles(c, tablePlaces), rest);
  return [tf.sub(tf.mul(cosA, cosB), tf.mul(sinA, sinB)), tf.add(tf.mul(sinA, cosB), tf.mul(cosA, sinB))];
}
