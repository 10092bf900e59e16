import { z } from "zod";
import { adapterSchema } from "../../contracts/adapter";
import { TrainerError } from "../../contracts/error";
import { Random } from "../../data/random";
import type { ModelFolder } from "../../io/modelFolder";
import { namesOf } from "../../models/names";
import { weight } from "../../models/tensors";
import { readEmbeddings } from "../../models/transformerDecode";
import { float32, type HostArray } from "../../runtime/tree";
import type { AdapterMethod } from "../method";
import { requireShapes } from "../shapes";

/** The one tensor [V, d], by PEFT's name. */
const tensor = "prompt_embeddings";

/**
 * Prompt tuning (Lester et al. 2021): trained embeddings stand before every text. All texts see the same ones and they see
 * only each other, so their keys and values are computed once for a whole batch.
 */
export const prompt: AdapterMethod = {
  start({ tokens, startText }, base, seed) {
    const start = startText === undefined ? noise(base, tokens, seed) : rowsOfText(base, tokens, startText);
    return { trained: { [tensor]: start }, kept: {} };
  },
  forward: ({ tokens }, llama) => ({
    prefix: { length: tokens, keysAndValues: (p) => readEmbeddings(p, llama, weight(p, tensor)) },
  }),
  rateOf: () => 1,
  merge: null,
  toPeft: ({ tokens }, llama, adapter) => ({
    fields: {
      peft_type: "PROMPT_TUNING",
      prompt_tuning_init: "RANDOM",
      num_virtual_tokens: tokens,
      token_dim: llama.hiddenSize,
      num_layers: llama.layers,
      num_attention_heads: llama.heads,
      num_transformer_submodules: 1,
    },
    tensors: adapter,
  }),
  fromPeft({ fields, tensors }, llama) {
    const parsed = z.object({ num_virtual_tokens: z.number().int().positive() }).safeParse(fields);
    if (!parsed.success) throw new TrainerError("bad_model", "adapter_config.json: num_virtual_tokens is missing.");
    const { num_virtual_tokens: tokens } = parsed.data;
    requireShapes(tensors, new Map([[tensor, [tokens, llama.hiddenSize]]]));
    return { config: adapterSchema.parse({ method: "prompt", tokens }), adapter: tensors };
  },
};

const embeddingOf = ({ config, parameters }: ModelFolder): HostArray =>
  parameters[`${namesOf(config).embedding}.weight`] as HostArray;

/** Normal numbers as large as those of the embedding. */
function noise(base: ModelFolder, tokens: number, seed: number): HostArray {
  const { data } = embeddingOf(base);
  let sum = 0;
  for (const x of data) sum += x * x;
  const size = Math.sqrt(sum / data.length);
  const random = new Random(seed);
  const d = base.config.hiddenSize;
  return float32(
    Float32Array.from({ length: tokens * d }, () => size * random.normal()),
    [tokens, d],
  );
}

function rowsOfText(base: ModelFolder, tokens: number, text: string): HostArray {
  const ids = base.tokenizer.encode(text);
  if (ids.length === 0) {
    throw new TrainerError("bad_config", "adapter.startText: the text has no tokens.", { field: "adapter.startText" });
  }
  const { data } = embeddingOf(base);
  const d = base.config.hiddenSize;
  const out = new Float32Array(tokens * d);
  for (let i = 0; i < tokens; i++) {
    const id = ids[i % ids.length] as number;
    out.set(data.subarray(id * d, (id + 1) * d), i * d);
  }
  return float32(out, [tokens, d]);
}
