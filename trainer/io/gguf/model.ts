import { TrainerError } from "../../contracts/error";
import { Tokenizer } from "../../data/tokenizer";
import type { Family, ModelConfig, RopeScaling } from "../../models/config";
import { parameterShapes } from "../../models/initialise";
import { frequencies } from "../../models/rope";
import { float32, sizeOf } from "../../runtime/tree";
import { type BinaryFile, withFile } from "../binaryFile";
import type { ModelFolder } from "../modelFolder";
import { neighboursToHalves } from "../ropeOrder";
import type { Parameters } from "../safetensors";
import { transpose } from "../transpose";
import { requireMemory } from "../weights";
import { type GgufHeader, readGgufHeader, readGgufTensor } from "./header";
import { tokenizerOf } from "./tokenizer";

const families: readonly Family[] = ["gpt2", "llama", "qwen2", "qwen3"];

/** Typed access to the metadata; an error names the key. */
class Metadata {
  constructor(
    private readonly file: BinaryFile,
    private readonly header: GgufHeader,
  ) {}

  number(key: string, otherwise?: number): number {
    const value = this.header.metadata.get(key) ?? otherwise;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw this.file.bad(`has no number for ${key}`);
  }

  count(key: string, otherwise?: number): number {
    const value = this.number(key, otherwise);
    if (Number.isInteger(value) && value > 0 && value <= 10_000_000) return value;
    throw this.file.bad(`says ${value} for ${key}`);
  }

  text(key: string): string | null {
    const value = this.header.metadata.get(key);
    return typeof value === "string" ? value : null;
  }

  id(key: string): number | null {
    const value = this.header.metadata.get(key);
    return typeof value === "number" ? value : null;
  }
}

function configOf(file: BinaryFile, header: GgufHeader): ModelConfig {
  const meta = new Metadata(file, header);
  const architecture = meta.text("general.architecture");
  const family = families.find((name) => name === architecture);
  if (!family) throw file.bad(`holds a ${architecture?.slice(0, 40)}; ${families.join(", ")} are read`);
  const key = (name: string) => `${family}.${name}`;
  const heads = meta.count(key("attention.head_count"));
  const hiddenSize = meta.count(key("embedding_length"));
  const layers = meta.count(key("block_count"));
  const gpt2 = family === "gpt2";
  const has = (name: string) => header.tensors.has(name);
  const bias = (name: string) => gpt2 || has(`blk.0.${name}.bias`);
  const eosId = meta.id("tokenizer.ggml.eos_token_id");
  const ends = ["eos", "eot", "eom"].map((name) => meta.id(`tokenizer.ggml.${name}_token_id`));
  const headSize = gpt2 ? hiddenSize / heads : meta.count(key("attention.key_length"), hiddenSize / heads);
  const ropeTheta = gpt2 ? 0 : meta.number(key("rope.freq_base"), 10_000);
  const context = meta.count(key("context_length"));
  const window = meta.id(key("attention.sliding_window")) || context;
  // What a Hugging Face folder of the family cannot say is in no such model.
  const queryKeyValue = family === "qwen2" || bias("attn_q");
  if (family !== "qwen2" && queryKeyValue !== bias("attn_output"))
    throw file.bad(`is a ${family} with a bias in some projections of attention only`);
  if (layers > 1024 || headSize % 2 !== 0) throw file.bad(`has ${layers} layers with heads of ${headSize}`);
  return {
    family,
    hiddenSize,
    intermediateSize: meta.count(key("feed_forward_length")),
    layers,
    heads,
    keyValueHeads: gpt2 ? heads : meta.count(key("attention.head_count_kv"), heads),
    headSize,
    vocabSize: header.tensors.get("token_embd.weight")?.shape[0] ?? 0,
    maxPositions: Math.min(context, window),
    ropeTheta,
    ropeScaling: gpt2 ? null : scalingOf(file, header, meta, { family, headSize, ropeTheta }),
    normEpsilon: meta.number(key(gpt2 ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon"), 1e-5),
    biases: { queryKeyValue, attentionOutput: bias("attn_output"), mlp: bias("ffn_up") },
    tied: gpt2 || !has("output.weight"),
    bosId: meta.id("tokenizer.ggml.bos_token_id"),
    eosId,
    endIds: [...new Set(ends.filter((id) => id !== null))],
  };
}

type RopeShape = Pick<ModelConfig, "family" | "headSize" | "ropeTheta">;

/** Linear scaling stands in the metadata, Llama 3's as a tensor of divisors, which must be those of its known settings. */
function scalingOf(file: BinaryFile, header: GgufHeader, meta: Metadata, rope: RopeShape): RopeScaling | null {
  const { family, headSize, ropeTheta } = rope;
  const type = meta.text(`${family}.rope.scaling.type`) ?? "none";
  if (type === "linear") return { type, factor: meta.number(`${family}.rope.scaling.factor`) };
  if (type !== "none") throw file.bad(`scales RoPE by "${type.slice(0, 40)}", which is not read`);
  const tensor = header.tensors.get("rope_freqs.weight");
  if (!tensor) return null;
  const divisors = readGgufTensor(file, tensor);
  const settings = { lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 8192 };
  const scaling = { type: "llama3", factor: Math.max(...divisors), ...settings } as const;
  const plain = frequencies({ headSize, ropeTheta, ropeScaling: null });
  const known = frequencies({ headSize, ropeTheta, ropeScaling: scaling });
  const same = divisors.every((by, i) => Math.abs((plain[i] as number) / (known[i] as number) / by - 1) < 1e-4);
  if (!same || divisors.length !== plain.length) throw file.bad("scales RoPE by divisors that are not Llama 3's");
  return scaling;
}

const shared: Readonly<Record<string, string>> = {
  input_layernorm: "attn_norm",
  post_attention_layernorm: "ffn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.o_proj": "attn_output",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
  ln_1: "attn_norm",
  ln_2: "ffn_norm",
  "attn.c_attn": "attn_qkv",
  "attn.c_proj": "attn_output",
  "mlp.c_fc": "ffn_up",
  "mlp.c_proj": "ffn_down",
  "model.embed_tokens": "token_embd",
  "model.norm": "output_norm",
  lm_head: "output",
  "transformer.wte": "token_embd",
  "transformer.wpe": "position_embd",
  "transformer.ln_f": "output_norm",
};

/** GGUF's name for a parameter that has this name at Hugging Face. */
function ggufName(name: string): string {
  const [, layer, part, kind] = /^(?:(?:model\.layers|transformer\.h)\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? [];
  return `${layer === undefined ? "" : `blk.${layer}.`}${shared[part ?? ""]}.${kind}`;
}

function parametersOf(file: BinaryFile, header: GgufHeader, config: ModelConfig): Parameters {
  const shapes = Object.entries(parameterShapes(config));
  requireMemory(
    file.path,
    shapes.reduce((sum, [, shape]) => sum + sizeOf(shape), 0),
  );
  return Object.fromEntries(
    shapes.map(([name, shape]) => {
      const tensor = header.tensors.get(ggufName(name));
      // There every projection is [out, in].
      const turned = config.family === "gpt2" && shape.length === 2 && !/wte|wpe/.test(name);
      const stored = turned ? [...shape].reverse() : shape;
      if (tensor?.shape.join() !== stored.join())
        throw file.bad(
          `has ${tensor ? `[${tensor.shape}]` : "nothing"} for ${ggufName(name)}, where [${stored}] belongs`,
        );
      const data = readGgufTensor(file, tensor);
      const neighbours = config.family === "llama" && /q_proj|k_proj/.test(name);
      if (turned) return [name, transpose(float32(data, stored))];
      return [name, float32(neighbours ? neighboursToHalves(data, shape[1] ?? 1, config.headSize) : data, shape)];
    }),
  );
}

/** Loads a GGUF file: weights as float32, tokenizer and chat template from its metadata. */
export const readGguf = (path: string): ModelFolder =>
  withFile(path, (file) => {
    const header = readGgufHeader(file);
    const config = configOf(file, header);
    const { json, tokens, chatTemplate } = tokenizerOf(file, header);
    const textOf = (id: number | null) => (id === null ? "" : (tokens[id] ?? ""));
    if (config.vocabSize < tokens.length)
      throw new TrainerError("bad_model", `${path} has ${tokens.length} tokens but embeds ${config.vocabSize}.`, {
        path,
      });
    return {
      config,
      head: "causal",
      parameters: parametersOf(file, header, config),
      tokenizer: new Tokenizer(json),
      chatTemplate,
      bosToken: textOf(config.bosId),
      eosToken: textOf(config.eosId),
    };
  });
