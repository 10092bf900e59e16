import { z } from "zod";
import { adapterSchema } from "../../contracts/adapter";
import { TrainerError } from "../../contracts/error";
import { derivedSeed, Random } from "../../data/random";
import type { Parameters } from "../../io/safetensors";
import type { ModelConfig } from "../../models/config";
import { linear } from "../../models/layers";
import { type TensorParameters, weight } from "../../models/tensors";
import * as tf from "../../runtime/tf";
import { float32, type HostArray, zeros } from "../../runtime/tree";
import type { AdapterMethod } from "../method";
import { requireShapes } from "../shapes";

/** [V, 2·layers·kv·size], by PEFT's name: of each virtual token the first layer's keys, its values, the next layer's keys … */
const table = "prompt_embeddings";

/** The network that the table is trained through (Li & Liang 2021, 4.3), PEFT's PrefixEncoder: W₂·tanh(W₁e + b₁) + b₂. */
const network = {
  embedding: "prefix_encoder.embedding.weight",
  weight1: "prefix_encoder.transform.0.weight",
  bias1: "prefix_encoder.transform.0.bias",
  weight2: "prefix_encoder.transform.2.weight",
  bias2: "prefix_encoder.transform.2.bias",
};

/** The spread of a table that is trained without the network: as a model's own weights begin. */
const spread = 0.02;

const sizesOf = ({ layers, keyValueHeads, headSize }: ModelConfig) => ({
  width: keyValueHeads * headSize,
  all: 2 * layers * keyValueHeads * headSize,
});

/**
 * Prefix tuning (Li & Liang 2021): trained keys and values stand before every text in each layer. Keys are used as they are,
 * without rotation, as PEFT's cache has them.
 */
export const prefix: AdapterMethod = {
  start({ tokens, reparametrised }, { config }, seed) {
    const { width, all } = sizesOf(config);
    if (!reparametrised) return { trained: { [table]: normal([tokens, all], spread, seed) }, kept: {} };
    const trained = {
      [network.embedding]: normal([tokens, width], 1, derivedSeed(seed, 1)),
      // A small step from nought, as the table itself would begin.
      [network.weight1]: normal([width, width], 1 / Math.sqrt(width), derivedSeed(seed, 2)),
      [network.bias1]: zeros([width]),
      [network.weight2]: normal([all, width], spread / Math.sqrt(width), derivedSeed(seed, 3)),
      [network.bias2]: zeros([all]),
    };
    return { trained, kept: {} };
  },
  forward: ({ tokens }, llama) => ({
    prefix: { length: tokens, keysAndValues: (p) => keysAndValues(tableOf(p), llama) },
  }),
  rateOf: () => 1,
  merge: null,
  toPeft(_config, llama, adapter) {
    const tensors = { [table]: adapter[table] ?? throughNetwork(adapter) };
    return {
      fields: {
        peft_type: "PREFIX_TUNING",
        prefix_projection: false,
        encoder_hidden_size: null,
        num_virtual_tokens: tensors[table]?.shape[0],
        token_dim: sizesOf(llama).width,
        num_layers: llama.layers,
        num_attention_heads: llama.keyValueHeads,
        num_transformer_submodules: 1,
      },
      tensors,
    };
  },
  fromPeft({ fields, tensors }, llama) {
    const parsed = z
      .object({ num_virtual_tokens: z.number().int().positive(), prefix_projection: z.boolean().default(false) })
      .safeParse(fields);
    if (!parsed.success) {
      throw new TrainerError(
        "bad_model",
        "adapter_config.json: num_virtual_tokens is missing, or prefix_projection is no truth value.",
      );
    }
    const { num_virtual_tokens: tokens } = parsed.data;
    requireShapes(tensors, new Map([[table, [tokens, sizesOf(llama).all]]]));
    return { config: adapterSchema.parse({ method: "prefix", tokens }), adapter: tensors };
  },
};

const tableOf = (p: TensorParameters): tf.Tensor => {
  if (p[table]) return p[table];
  const affine = (x: tf.Tensor, w: string, b: string) => tf.add(linear(x, weight(p, w)), weight(p, b));
  const hidden = tf.tanh(affine(weight(p, network.embedding), network.weight1, network.bias1));
  return affine(hidden, network.weight2, network.bias2);
};

function keysAndValues(all: tf.Tensor, { layers, keyValueHeads: kv, headSize }: ModelConfig) {
  const V = all.shape[0] as number;
  const parts = tf.transpose(tf.reshape(all, [V, 2 * layers, kv, headSize]), [1, 2, 0, 3]); // [2·layers, kv, V, size]
  const each = tf.split(parts, 2 * layers, 0).map((part) => tf.squeeze(part, [0]));
  return Array.from({ length: layers }, (_, layer) => ({
    k: each[2 * layer] as tf.Tensor,
    v: each[2 * layer + 1] as tf.Tensor,
  }));
}

function normal(shape: readonly [number, number], size: number, seed: number): HostArray {
  const random = new Random(seed);
  return float32(
    Float32Array.from({ length: shape[0] * shape[1] }, () => size * random.normal()),
    shape,
  );
}

/** The table that the network makes, in double precision. */
function throughNetwork(adapter: Parameters): HostArray {
  const array = (name: string) => adapter[name] as HostArray;
  const affine = (x: readonly Float64Array[], w: HostArray, b: HostArray) =>
    x.map((row) =>
      Float64Array.from({ length: b.data.length }, (_, i) => {
        let sum = b.data[i] as number;
        for (let j = 0; j < row.length; j++) sum += (w.data[i * row.length + j] as number) * (row[j] as number);
        return sum;
      }),
    );
  const { shape, data } = array(network.embedding);
  const [V, width] = shape as [number, number];
  const embeddings = Array.from({ length: V }, (_, i) => Float64Array.from(data.subarray(i * width, (i + 1) * width)));
  const hidden = affine(embeddings, array(network.weight1), array(network.bias1)).map((row) => row.map(Math.tanh));
  const rows = affine(hidden, array(network.weight2), array(network.bias2));
  return float32(Float32Array.from(rows.flatMap((row) => Array.from(row))), [V, rows[0]?.length ?? 0]);
}
