import type { GenerateChunk, GenerateRequest, Sampling } from "../contracts/inference";
import { Random } from "../data/random";
import { encodePrompt, type TextCodec } from "../data/text";
import type { Parameters } from "../io/safetensors";
import type { LlamaConfig } from "../models/config";
import { decodeStep, type LayerCache, ropeAngles, type TensorParameters } from "../models/llama";
import type { SessionCache } from "../runtime/sessionCache";
import type * as tf from "../runtime/tf";
import { float32, type HostArray, int32, zeros } from "../runtime/tree";

export interface Generator extends TextCodec {
  readonly config: LlamaConfig;
  readonly parameters: Parameters;
  readonly cache: SessionCache;
}

/** Draws a token id: temperature, then top-k, then nucleus (Holtzman et al. 2020); temperature 0 takes the best. */
function sampleToken(logits: Float32Array, { temperature, topK, topP }: Sampling, random: Random): number {
  const order = Array.from(logits.keys()).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  if (temperature === 0) return order[0] as number;
  const kept = topK > 0 ? order.slice(0, topK) : order;
  const peak = logits[kept[0] as number] as number;
  const weights = kept.map((id) => Math.exp(((logits[id] as number) - peak) / temperature));
  const total = weights.reduce((a, b) => a + b, 0);
  let nucleus = 0;
  let count = 0;
  while (count < kept.length && (count === 0 || nucleus < topP * total)) nucleus += weights[count++] as number;
  let left = random.uniform() * nucleus;
  for (let i = 0; i < count; i++) {
    left -= weights[i] as number;
    if (left < 0) return kept[i] as number;
  }
  return kept[count - 1] as number;
}

/** Streams an answer token by token; the caller may do other work between two chunks. */
export async function* generate(
  model: Generator,
  { prompt, sampling }: GenerateRequest,
): AsyncGenerator<GenerateChunk> {
  const { config: c, tokenizer } = model;
  const ids = encodePrompt(model, prompt).slice(-(c.maxPositions - 1));
  const capacity = Math.min(c.maxPositions, Math.ceil((ids.length + sampling.maxTokens) / 128) * 128);
  const layers = Array.from({ length: c.layers }, () => {
    const shape = [c.keyValueHeads, capacity, c.headSize];
    return { k: zeros(shape), v: zeros(shape) };
  });
  const program = (p: TensorParameters, cache: LayerCache[], input: StepInput) => decodeStep(p, c, cache, input);
  const decoder = tokenizer.streamDecoder();
  const random = new Random(sampling.seed);
  const stop = tokenizer.idOf(model.eosToken) ?? c.eosId;
  let produced = 0;
  let token = ids[0] ?? c.bosId ?? 0;
  for (let position = 0; position < capacity - 1; position++) {
    const angles = ropeAngles(c, 1, position);
    const half = [1, c.headSize / 2];
    const input = {
      token: int32([token], [1]),
      position: int32([position], [1]),
      cos: float32(angles.cos, half),
      sin: float32(angles.sin, half),
    };
    const args = [model.parameters, layers, input] as never;
    const compiled = await model.cache.get(`decode${capacity}`, program as never, args);
    const out = (await compiled.run(args)) as unknown as {
      logits: HostArray;
      layers: { k: HostArray; v: HostArray }[];
    };
    out.layers.forEach(({ k, v }, l) => {
      for (const [whole, one] of [
        [layers[l]?.k, k],
        [layers[l]?.v, v],
      ] as [HostArray, HostArray][]) {
        for (let h = 0; h < c.keyValueHeads; h++) {
          whole.data.set(
            one.data.subarray(h * c.headSize, (h + 1) * c.headSize),
            (h * capacity + position) * c.headSize,
          );
        }
      }
    });
    const given = ids[position + 1];
    if (given !== undefined) {
      token = given;
      continue;
    }
    token = sampleToken(out.logits.data as Float32Array, sampling, random);
    if (token === stop) {
      yield { type: "end", reason: "stop", tokens: produced };
      return;
    }
    produced += 1;
    yield { type: "text", text: decoder.push(token) };
    if (produced >= sampling.maxTokens) break;
  }
  yield { type: "text", text: decoder.end() };
  yield { type: "end", reason: "length", tokens: produced };
}

interface StepInput {
  readonly token: tf.Tensor;
  readonly position: tf.Tensor;
  readonly cos: tf.Tensor;
  readonly sin: tf.Tensor;
}

/** The whole answer as one string. */
export async function generateText(model: Generator, request: GenerateRequest): Promise<string> {
  let text = "";
  for await (const chunk of generate(model, request)) if (chunk.type === "text") text += chunk.text;
  return text;
}
