import type { ModelFolder } from "@/trainer/io/modelFolder";
import { parameterShapes } from "@/trainer/models/initialise";
import { type GgufEntry, type GgufTensorEntry, ggufFile } from "./ggufFile";
import { tinyModel } from "./tinyModel";

/** A tiny Qwen 2 as a GGUF file's parts. */
export function tinyGgufParts(model: ModelFolder) {
  const { config } = model;
  const merges = model.tokenizer.json.model.merges.map(String);
  const tokens = Object.keys(model.tokenizer.json.model.vocab).concat("<|endoftext|>");

  const metadata: Record<string, GgufEntry> = {
    "general.architecture": ["string", "qwen2"],
    "qwen2.block_count": ["uint32", config.layers],
    "qwen2.context_length": ["uint32", 128],
    "qwen2.embedding_length": ["uint32", config.hiddenSize],
    "qwen2.feed_forward_length": ["uint32", config.intermediateSize],
    "qwen2.attention.head_count": ["uint32", config.heads],
    "qwen2.attention.head_count_kv": ["uint32", config.keyValueHeads],
    "qwen2.attention.layer_norm_rms_epsilon": ["float32", 1e-5],
    "qwen2.rope.freq_base": ["float32", 10_000],
    "tokenizer.ggml.model": ["string", "gpt2"],
    "tokenizer.ggml.pre": ["string", "gpt-2"],
    "tokenizer.ggml.tokens": ["strings", tokens],
    "tokenizer.ggml.merges": ["strings", merges],
    "tokenizer.ggml.token_type": ["int32s", tokens.map((t) => (t === "<|endoftext|>" ? 3 : 1))],
    "tokenizer.ggml.eos_token_id": ["uint32", tokens.length - 1],
    "tokenizer.chat_template": ["string", "{{ messages[0]['content'] }}"],
  };
  const names: Record<string, string> = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    input_layernorm: "attn_norm",
    post_attention_layernorm: "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
  };
  const tensors: GgufTensorEntry[] = Object.entries(parameterShapes(config)).map(([name, shape]) => {
    const [, layer, part = "", kind] = /^(?:model\.layers\.(\d+)\.)?(.+)\.(weight|bias)$/.exec(name) ?? [];
    const { data } = model.parameters[name] as { data: Float32Array };
    return {
      name: `${layer === undefined ? "" : `blk.${layer}.`}${names[part]}.${kind}`,
      dimensions: [...shape].reverse(),
      type: 0,
      data: new Uint8Array(data.buffer),
    };
  });
  return { metadata, tensors, tokens };
}

/** A random Qwen 2 of some thousand parameters. */
export const tinyQwen = (): ModelFolder =>
  tinyModel(2, { family: "qwen2", biases: { queryKeyValue: true, attentionOutput: false, mlp: false } });

/** Its bytes as a GGUF file, without a template: texts begin with its end token, as the folder's do. */
export function tinyQwenGguf(): Buffer {
  const { metadata, tensors, tokens } = tinyGgufParts(tinyQwen());
  const { "tokenizer.chat_template": _, ...plain } = metadata;
  return ggufFile({ ...plain, "tokenizer.ggml.bos_token_id": ["uint32", tokens.length - 1] }, tensors);
}
