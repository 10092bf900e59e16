import { z } from "zod";

/** A projection of each layer, by the last part of its name: `input` numbers become `output`. */
interface ShapedProjection {
  readonly name: string;
  readonly input: number;
  readonly output: number;
}

/** The sizes of a decoder-only transformer that decide what training it takes. */
export interface ModelShape {
  /** All weights; a reward model's head is not among them. */
  readonly parameters: number;
  /** Of an output head with weights of its own: what a reward model leaves out. */
  readonly outputParameters: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabSize: number;
  /** The width inside the feed-forward part. */
  readonly intermediateSize: number;
  readonly projections: readonly ShapedProjection[];
}

const count = z.number().int().positive();
const headsSchema = z
  .object({
    model_type: z.string().default("llama"),
    num_attention_heads: count.optional(),
    n_head: count.optional(),
    num_key_value_heads: count.nullish(),
  })
  .transform(({ model_type, num_attention_heads, n_head, num_key_value_heads }) => {
    const heads = num_attention_heads ?? n_head ?? 1;
    return { transposed: model_type === "gpt2", heads, keyValueHeads: num_key_value_heads ?? heads };
  });

const embeddings = ["model.embed_tokens.weight", "transformer.wte.weight"];
const output = "lm_head.weight";
const rewardHead = "score.weight";
const inLayer = /\.(?:layers|h)\.(\d+)\.(.+)\.weight$/;

/**
 * The shape of a model by the names and shapes of its tensors, as the header of its safetensors file or `parameterShapes` tells
 * them, and by its config.json for what no tensor shows. Null where it is no model whose layers are known.
 */
export function modelShape(
  tensors: Readonly<Record<string, readonly number[]>>,
  config: Readonly<Record<string, unknown>>,
): ModelShape | null {
  const parsed = headsSchema.safeParse(config);
  const [vocabSize, hiddenSize] = embeddings.map((name) => tensors[name]).find((found) => found) ?? [];
  if (!parsed.success || !vocabSize || !hiddenSize) return null;
  const { heads, keyValueHeads, transposed } = parsed.data;
  const layers = new Set<string>();
  const projections: ShapedProjection[] = [];
  for (const [name, [rows, columns]] of Object.entries(tensors)) {
    const [, layer = "", own = ""] = inLayer.exec(name) ?? [];
    if (!rows || !columns || own === "") continue;
    layers.add(layer);
    const [output, input] = transposed ? [columns, rows] : [rows, columns];
    if (layer === "0") projections.push({ name: own.slice(own.lastIndexOf(".") + 1), input, output });
  }
  if (projections.length === 0) return null;
  const size = (name: string) => tensors[name]?.reduce((n, side) => n * side, 1) ?? 0;
  const values = projections.find(({ name }) => name === "v_proj")?.output;
  return {
    parameters: Object.keys(tensors).reduce((sum, name) => sum + (name === rewardHead ? 0 : size(name)), 0),
    outputParameters: size(output),
    hiddenSize,
    layers: layers.size,
    heads,
    keyValueHeads,
    headSize: (values ?? hiddenSize) / keyValueHeads,
    vocabSize,
    intermediateSize: projections.find(({ name }) => widened.includes(name))?.output ?? hiddenSize,
    projections,
  };
}

/** The projections into the feed-forward part. */
const widened = ["up_proj", "c_fc"];
