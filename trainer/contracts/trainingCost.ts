import { type AdapterConfig, nf4Bytes } from "./adapter";
import type { ModelShape } from "./modelShape";
import type { SnapshotRunKind } from "./runConfig";

/** What decides the cost of a run beside its model. */
export interface CostRequest {
  readonly kind: SnapshotRunKind;
  readonly adapter: Pick<
    AdapterConfig,
    "method" | "baseWeights" | "rank" | "targets" | "decomposed" | "initialisation" | "tokens" | "reparametrised"
  >;
}

/** What is computed at once. Tokens of an average example. */
export interface CostBatch {
  /** Examples at once: the micro-batch. */
  readonly examples: number;
  /** Whether layers are computed again for the gradient instead of kept. */
  readonly recompute?: boolean;
  readonly promptTokens: number;
  readonly answerTokens: number;
}

const float = 4;

/** The projections that a LoRA adds to, in all layers. */
const targetsOf = ({ projections }: ModelShape, { targets }: CostRequest["adapter"]) =>
  projections.filter(({ name }) => !targets || targets.includes(name));

const sumOf = <T>(items: readonly T[], of: (item: T) => number): number =>
  items.reduce((sum, item) => sum + of(item), 0);

/** Numbers of A and B in all layers. */
const lowRankParameters = (shape: ModelShape, adapter: CostRequest["adapter"]): number =>
  shape.layers * adapter.rank * sumOf(targetsOf(shape, adapter), ({ input, output }) => input + output);

const tableWidth = ({ layers, keyValueHeads, headSize }: ModelShape): number => 2 * layers * keyValueHeads * headSize;

/** What an adapter trains; the head of a reward model is not among it. */
function adapterParameters(shape: ModelShape, adapter: CostRequest["adapter"]): number {
  const width = shape.keyValueHeads * shape.headSize;
  switch (adapter.method) {
    case "full":
      return 0;
    case "lora": {
      const lengths = adapter.decomposed ? shape.layers * sumOf(targetsOf(shape, adapter), ({ output }) => output) : 0;
      return lowRankParameters(shape, adapter) + lengths;
    }
    case "prompt":
      return adapter.tokens * shape.hiddenSize;
    case "prefix": {
      const all = tableWidth(shape);
      return adapter.reparametrised
        ? adapter.tokens * width + width * width + width + width * all + all
        : adapter.tokens * all;
    }
  }
}

/** PiSSA keeps the A and B that it started from. */
const keptParameters = (shape: ModelShape, adapter: CostRequest["adapter"]): number =>
  adapter.method === "lora" && adapter.initialisation === "pissa" ? lowRankParameters(shape, adapter) : 0;

/** Parameters of the base as a kind of run reads it. */
const bodyParameters = ({ parameters, outputParameters }: ModelShape, kind: SnapshotRunKind): number =>
  kind === "reward" ? parameters - outputParameters : parameters;

/** PPO's value model: a second trunk with a head, all of it trained. */
const valueParameters = (shape: ModelShape, kind: SnapshotRunKind): number =>
  kind === "ppo" ? bodyParameters(shape, "reward") + shape.hiddenSize : 0;

/** Weights of the frozen base that lie in 4 bits. */
const packedParameters = (
  { layers, projections }: ModelShape,
  { method, baseWeights }: CostRequest["adapter"],
): number =>
  method !== "full" && baseWeights === "nf4" ? layers * sumOf(projections, ({ input, output }) => input * output) : 0;

/** Exact: how many parameters a run trains, and how many it reads beside them. */
export function parametersOf(
  shape: ModelShape,
  { kind, adapter }: CostRequest,
): { readonly trained: number; readonly frozen: number } {
  const body = bodyParameters(shape, kind);
  const head = kind === "reward" ? shape.hiddenSize : 0;
  const more = head + valueParameters(shape, kind);
  if (adapter.method === "full") return { trained: body + more, frozen: 0 };
  return {
    trained: adapterParameters(shape, adapter) + more,
    frozen: body + keptParameters(shape, adapter),
  };
}

/** Trained weights and both moments, three times: the state, the next one, and the one whose place the next but one takes. */
const stateCopies = 9;

/** Bytes of weights and moments: of trained ones with the copies that the loop turns over. `packed` frozen ones are in 4 bits. */
export const stateBytes = (
  { trained, frozen }: { readonly trained: number; readonly frozen: number },
  packed = 0,
): number => float * (stateCopies * trained + frozen - packed) + nf4Bytes * packed;

/** Bytes of weights that answer: once as they were read and once frozen into a program. */
export const answerBytes = (parameters: number, packed = 0): number =>
  2 * (float * (parameters - packed) + nf4Bytes * packed);

/** Exact but for names and sizes in the header: bytes of the file with what was trained. */
export function fileBytes(shape: ModelShape, { kind, adapter }: CostRequest): number {
  const head = kind === "reward" ? shape.hiddenSize : 0;
  if (adapter.method === "full") return float * (bodyParameters(shape, kind) + head);
  // The network that a prefix is trained through stays behind; PiSSA's is one LoRA of twice the rank.
  const own = adapterParameters(shape, { ...adapter, reparametrised: false });
  return float * (own + keptParameters(shape, adapter) + head);
}

/** Places of a batch: all that are computed, those whose word is scored, and how long the text before an average one is. */
function placesOf(kind: SnapshotRunKind, { examples, promptTokens, answerTokens }: CostBatch) {
  const answers = kind === "reward" || kind === "dpo" ? 2 : 1;
  return {
    all: examples * (promptTokens + answers * answerTokens),
    scored: kind === "reward" ? 0 : examples * answers * answerTokens,
    before: (promptTokens + answerTokens) / 2,
  };
}

/**
 * An estimate: bytes of what the forward pass keeps for the gradient and of the gradients. Of each place and layer the two
 * inputs and outputs of attention and the feed-forward part, queries, keys and values, the shares of attention, three widths
 * inside SwiGLU and its product; of each scored place the softmax over the vocabulary twice. tests/bench/adapters holds it against the
 * resident memory that runs really take.
 */
export function activationBytes(shape: ModelShape, request: CostRequest, batch: CostBatch): number {
  const { hiddenSize: d, heads, keyValueHeads, headSize, intermediateSize: m, layers, vocabSize } = shape;
  const { all, scored, before } = placesOf(request.kind, batch);
  const keys =
    before + (request.adapter.method === "prompt" || request.adapter.method === "prefix" ? request.adapter.tokens : 0);
  const perPlace = 4 * d + 3 * heads * headSize + 2 * keyValueHeads * headSize + heads * keys + 4 * m;
  const kept = batch.recompute ? layers * d + perPlace : layers * perPlace;
  const models = request.kind === "ppo" ? 2 : 1;
  const { trained } = parametersOf(shape, request);
  return float * (models * all * kept + 2 * scored * vocabSize + trained);
}

/**
 * Multiply-adds of a training step, by which the time of one kind of training follows from that of another: forward, back to
 * the inputs, and to those weights that are trained. Passes over the parameters themselves count by `perParameter`.
 */
export function stepWork(shape: ModelShape, request: CostRequest, batch: CostBatch): number {
  const { adapter, kind } = request;
  const { all, scored, before } = placesOf(kind, batch);
  const { heads, headSize, layers, hiddenSize: d, vocabSize } = shape;
  const full = adapter.method === "full";
  const ways = full ? 3 : 2;
  const ahead = adapter.method === "prompt" || adapter.method === "prefix" ? adapter.tokens : 0;
  const products = layers * sumOf(shape.projections, ({ input, output }) => input * output);
  const attention = layers * 2 * heads * headSize * (before + ahead);
  const low = adapter.method === "lora" ? lowRankParameters(shape, adapter) : 0;
  const initial = low > 0 ? keptParameters(shape, adapter) : 0;
  const norms =
    adapter.method === "lora" && adapter.decomposed
      ? layers * sumOf(targetsOf(shape, adapter), ({ input, output }) => input * output * (adapter.rank + perParameter))
      : 0;
  const ofPrompt = adapter.method === "prompt" ? 3 * adapter.tokens * products : 0;
  const policy = all * (ways * products + 3 * attention + 3 * low + 2 * initial) + scored * ways * d * vocabSize;
  const value = kind === "ppo" ? all * 3 * (products + attention) : 0;
  const passes = perParameter * parametersOf(shape, request).trained + perUnpacked * packedParameters(shape, adapter);
  return policy + value + norms + ofPrompt + passes;
}

/** What a pass over weights and moments costs beside a multiply-add of a matrix product. */
const perParameter = 20;
/** What bringing a weight out of its 4 bits costs, once forward and once back. */
const perUnpacked = 200;

export interface TrainingCost {
  readonly trained: number;
  /** Of all parameters that the policy or reward model has, trained or not. */
  readonly share: number;
  /** Exact, from the shapes. */
  readonly stateBytes: number;
  /** An estimate. */
  readonly activationBytes: number;
  /** An estimate of what the training takes in all; the process itself comes on top. */
  readonly memoryBytes: number;
  readonly fileBytes: number;
  readonly work: number;
}

/** All of it together. While a run answers held-out prompts, weights are held packed besides. */
export function trainingCost(shape: ModelShape, request: CostRequest, batch: CostBatch): TrainingCost {
  const counts = parametersOf(shape, request);
  const packed = packedParameters(shape, request.adapter);
  const [state, activations] = [stateBytes(counts, packed), activationBytes(shape, request, batch)];
  const answering = request.kind === "reward" ? 0 : answerBytes(shape.parameters, packed);
  return {
    trained: counts.trained,
    share: counts.trained / (counts.trained + counts.frozen),
    stateBytes: state,
    activationBytes: activations,
    memoryBytes: state + activations + answering,
    fileBytes: fileBytes(shape, request),
    work: stepWork(shape, request, batch),
  };
}

/** A guess before anything was tokenised: a larger vocabulary has longer words. English, byte-level BPE. */
export const charactersPerToken = (vocabSize: number): number => 0.28 * Math.log2(vocabSize);
