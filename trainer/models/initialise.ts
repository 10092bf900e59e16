import type { Random } from "../data/random";
import type { Parameters } from "../io/safetensors";
import { float32, sizeOf } from "../runtime/tree";
import type { ModelConfig } from "./config";
import { namesOf, projectionsOf } from "./names";

/** Names and shapes of a model's parameters, in the order Hugging Face writes them. GPT-2's projections lie [in, out]. */
export function parameterShapes(c: ModelConfig): Record<string, number[]> {
  const { hiddenSize: d } = c;
  const names = namesOf(c);
  const shapes: Record<string, number[]> = { [`${names.embedding}.weight`]: [c.vocabSize, d] };
  const norm = (name: string, width: number) => {
    shapes[`${name}.weight`] = [width];
    if (c.family === "gpt2") shapes[`${name}.bias`] = [width];
  };
  if (names.positions) shapes[`${names.positions}.weight`] = [c.maxPositions, d];
  for (let i = 0; i < c.layers; i++) {
    const layer = names.layer(i);
    for (const { name, input, output, bias } of projectionsOf(c, i)) {
      shapes[`${name}.weight`] = c.family === "gpt2" ? [input, output] : [output, input];
      if (bias) shapes[`${name}.bias`] = [output];
    }
    for (const name of layer.headNorms ?? []) norm(name, c.headSize);
    norm(layer.norm1, d);
    norm(layer.norm2, d);
  }
  norm(names.finalNorm, d);
  if (!c.tied) shapes[`${names.output}.weight`] = [c.vocabSize, d];
  return shapes;
}

/** N(0, 0.02²), projections back into the residual stream divided by √(2·layers) (GPT-2), gains 1, biases 0. */
export function initialiseModel(c: ModelConfig, random: Random): Parameters {
  const residual = 1 / Math.sqrt(2 * c.layers);
  return Object.fromEntries(
    Object.entries(parameterShapes(c)).map(([name, shape]) => {
      const n = sizeOf(shape);
      if (name.endsWith(".bias")) return [name, float32(new Float32Array(n), shape)];
      if (shape.length === 1) return [name, float32(new Float32Array(n).fill(1), shape)];
      const scale = /o_proj|down_proj|c_proj/.test(name) ? 0.02 * residual : 0.02;
      return [
        name,
        float32(
          Float32Array.from({ length: n }, () => scale * random.normal()),
          shape,
        ),
      ];
    }),
  );
}

/** The reward head: [1, d] from N(0, 1/(d + 1)), as TRL does. */
export function initialiseScore(c: ModelConfig, random: Random): Parameters {
  const d = c.hiddenSize;
  const scale = 1 / Math.sqrt(d + 1);
  return {
    "score.weight": float32(
      Float32Array.from({ length: d }, () => scale * random.normal()),
      [1, d],
    ),
  };
}
