import { readFileSync } from "node:fs";
import type { PretrainConfig } from "../contracts/runConfig";
import { derivedSeed, Random } from "../data/random";
import { Tokenizer } from "../data/tokenizer";
import { trainTokenizer } from "../data/trainTokenizer";
import { parameterCount, saveModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import type { LlamaConfig } from "../models/config";
import { tokenLogProbs } from "../models/head";
import { initialiseLlama } from "../models/initialise";
import { hiddenStates, outputWeight } from "../models/llama";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { type HostArray, int32, scalar } from "../runtime/tree";
import { chunks, microBatchSize, type PreparedRun } from "./run";

const endOfText = "<|endoftext|>";
const chatTemplate =
  "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}";

/** Prepares a small Llama trained from nothing on a text file: the tokenizer first, then next-token prediction (nats a token). */
export async function preparePretrain(config: PretrainConfig, provider: Provider): Promise<PreparedRun> {
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
  const cache = new SessionCache(provider);

  /** Mean loss of a token, times the batch's share of the step: []. */
  const lossOf = (p: Record<string, tf.Tensor>, batch: Readonly<Record<string, tf.Tensor>>) => {
    const { inputs, targets, share } = batch as Record<"inputs" | "targets" | "share", tf.Tensor>;
    const each = tokenLogProbs(hiddenStates(p, llama, inputs), outputWeight(p, llama), tf.reshape(targets, [-1]));
    return tf.mul(tf.neg(tf.mean(each)), share);
  };
  const collate = (rows: readonly (readonly number[])[], share: number) => ({
    inputs: int32(
      rows.flatMap((r) => r.slice(0, T)),
      [rows.length, T],
    ),
    targets: int32(
      rows.flatMap((r) => r.slice(1)),
      [rows.length, T],
    ),
    share: scalar(share),
  });

  const evaluate = async (p: Parameters) => {
    let sum = 0;
    const batches = Math.floor(test.length / config.batchSize);
    for (let i = 0; i < batches; i++) {
      const args = [p, collate(test.slice(i * config.batchSize, (i + 1) * config.batchSize), 1)] as never;
      const evaluation = await cache.get("evaluate", lossOf as never, args);
      sum += ((await evaluation.run(args)) as unknown as HostArray).data[0] as number;
    }
    return {
      metrics: batches > 0 ? { eval_loss: sum / batches } : ({} as Record<string, number>),
      intervals: {},
      pairs: batches * config.batchSize,
      prompts: heldOut.length,
    };
  };
  const folder = {
    config: llama,
    head: "causal" as const,
    tokenizer,
    chatTemplate,
    bosToken: endOfText,
    eosToken: endOfText,
  };
  return {
    config,
    train: { used: train.length, dropped: {} },
    test: { used: test.length, dropped: {} },
    tokensPerEpoch: train.length * T,
    job: {
      parameters,
      objective: (p, batch) => ({ loss: lossOf(p, batch), metrics: {} }),
      totalSteps,
      stepsPerEpoch,
      batches(step) {
        const epoch = Math.floor((step - 1) / stepsPerEpoch);
        const order = new Random(derivedSeed(config.seed, 4, epoch)).shuffled(train);
        const at = ((step - 1) % stepsPerEpoch) * config.batchSize;
        const rows = order.slice(at, at + config.batchSize);
        const parts = chunks(rows, microBatchSize(config));
        return {
          batches: parts.map((part) => collate(part, part.length / rows.length)),
          tokens: config.batchSize * T,
        };
      },
      evaluate,
      async *sample() {},
    },
    save(path, trained, { metrics }) {
      const card = `# Pretrained Llama\n\n${parameterCount(trained)} parameters. Held-out loss ${metrics.eval_loss?.toFixed(4)} nats a token.\n`;
      saveModelFolder(path, { ...folder, parameters: trained }, card, "F16");
    },
    dispose: () => cache.dispose(),
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
