import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { PretrainConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { derivedSeed, Random } from "../data/random";
import { Tokenizer } from "../data/tokenizer";
import { trainTokenizer } from "../data/trainTokenizer";
import { parameterCount, saveModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import { findCheckpoint, type Job, trainLoop } from "../loop/trainLoop";
import type { LlamaConfig } from "../models/config";
import { initialiseLlama } from "../models/initialise";
import { tokenLogProbs } from "../models/layers";
import { hiddenStates, logitsOf } from "../models/llama";
import type { Provider } from "../runtime/program";
import * as tf from "../runtime/tf";
import { type HostArray, int32 } from "../runtime/tree";

const endOfText = "<|endoftext|>";
const chatTemplate =
  "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}";

/** Trains a small Llama from nothing on a text file: the tokenizer first, then next-token prediction (nats a token). */
export async function* pretrain(
  config: PretrainConfig,
  provider: Provider,
  signal?: AbortSignal,
): AsyncGenerator<RunEvent> {
  const documents = readFileSync(config.text, "utf8")
    .split(config.separator)
    .map((d) => d.trim())
    .filter(Boolean);
  const [seen, heldOut] = [documents.slice(0, config.holdOutFrom), documents.slice(config.holdOutFrom)];
  const tokenizer = new Tokenizer(trainTokenizer(seen, config.vocabSize, endOfText));
  const llama = llamaConfig(config, tokenizer);
  const T = config.maxLength;
  const train = windows(tokenizer, new Random(derivedSeed(config.seed, 2)).shuffled(seen), T);
  const test = windows(tokenizer, heldOut, T);
  const parameters = initialiseLlama(llama, new Random(derivedSeed(config.seed, 3)));
  const stepsPerEpoch = Math.floor(train.length / config.batchSize);
  const totalSteps = Math.min(config.maxSteps ?? Number.POSITIVE_INFINITY, Math.ceil(stepsPerEpoch * config.epochs));

  const lossOf = (p: Record<string, tf.Tensor>, batch: Readonly<Record<string, tf.Tensor>>) => {
    const { inputs, targets } = batch as Record<"inputs" | "targets", tf.Tensor>;
    const logits = logitsOf(p, llama, hiddenStates(p, llama, inputs));
    return tf.neg(tf.mean(tokenLogProbs(logits, tf.reshape(targets, [-1]), llama.vocabSize)));
  };
  const collate = (rows: readonly (readonly number[])[]) => ({
    inputs: int32(
      rows.flatMap((r) => r.slice(0, T)),
      [rows.length, T],
    ),
    targets: int32(
      rows.flatMap((r) => r.slice(1)),
      [rows.length, T],
    ),
  });

  const evaluation = await provider.compile(
    lossOf as never,
    [parameters, collate(test.slice(0, config.batchSize))] as never,
  );
  const evaluate = async (p: Parameters) => {
    let sum = 0;
    const batches = Math.floor(test.length / config.batchSize);
    for (let i = 0; i < batches; i++) {
      const batch = collate(test.slice(i * config.batchSize, (i + 1) * config.batchSize));
      sum += ((await evaluation.run([p, batch] as never)) as unknown as HostArray).data[0] as number;
    }
    return {
      metrics: { eval_loss: sum / batches },
      intervals: {},
      pairs: batches * config.batchSize,
      prompts: heldOut.length,
    };
  };
  const job: Job = {
    parameters,
    objective: (p, batch) => ({ loss: lossOf(p, batch), metrics: {} }),
    totalSteps,
    stepsPerEpoch,
    batch(step) {
      const epoch = Math.floor((step - 1) / stepsPerEpoch);
      const order = new Random(derivedSeed(config.seed, 4, epoch)).shuffled(train);
      const at = ((step - 1) % stepsPerEpoch) * config.batchSize;
      return { batch: collate(order.slice(at, at + config.batchSize)), tokens: config.batchSize * T };
    },
    evaluate,
    async *sample() {},
    keepLowest: "eval_loss",
  };
  const resumeFrom = findCheckpoint(config);
  const parametersCount = parameterCount(parameters);
  yield {
    type: "start",
    provider: provider.name,
    providerReason: provider.reason,
    parameters: parametersCount,
    trainableParameters: parametersCount,
    totalSteps,
    firstStep: resumeFrom?.step ?? 0,
    train: { used: train.length, dropped: {} },
    test: { used: test.length, dropped: {} },
  };
  const started = performance.now();
  const trained = yield* trainLoop(job, config, provider, resumeFrom, signal);
  await evaluation.dispose();
  const modelPath = join(config.output, "model");
  const card = `# Pretrained Llama\n\n${parametersCount} parameters. Held-out loss ${trained.evaluation.metrics.eval_loss?.toFixed(4)} nats a token.\n`;
  const folder = {
    config: llama,
    head: "causal" as const,
    parameters: trained.parameters,
    tokenizer,
    chatTemplate,
    bosToken: endOfText,
    eosToken: endOfText,
  };
  saveModelFolder(modelPath, folder, card, "F16");
  const { metrics, intervals } = trained.evaluation;
  yield {
    type: "done",
    step: trained.step,
    modelPath,
    metrics,
    intervals,
    seconds: (performance.now() - started) / 1000,
  };
}

function llamaConfig(config: PretrainConfig, tokenizer: Tokenizer): LlamaConfig {
  const end = tokenizer.idOf(endOfText) ?? 0;
  return {
    hiddenSize: config.hiddenSize,
    intermediateSize: config.intermediateSize,
    layers: config.layers,
    heads: config.heads,
    keyValueHeads: config.keyValueHeads,
    headSize: config.hiddenSize / config.heads,
    vocabSize: tokenizer.size,
    maxPositions: 512,
    ropeTheta: 10_000,
    normEpsilon: 1e-5,
    tied: true,
    bosId: end,
    eosId: end,
  };
}

/** The documents end to end, each after an end-of-text token, cut into windows of T + 1 tokens that overlap by one. */
function windows(tokenizer: Tokenizer, documents: readonly string[], T: number): number[][] {
  const stream = documents.flatMap((d) => [tokenizer.idOf(endOfText) as number, ...tokenizer.encode(d)]);
  return Array.from({ length: Math.floor((stream.length - 1) / T) }, (_, i) => stream.slice(i * T, (i + 1) * T + 1));
}
