import type { PretrainConfig } from "../contracts/runConfig";
import { readCorpus, Windows, windowOrder } from "../data/corpus";
import { derivedSeed, Random } from "../data/random";
import { Tokenizer } from "../data/tokenizer";
import { trainTokenizer } from "../data/trainTokenizer";
import { parameterCount, saveModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import { llamaConfig, type ModelConfig } from "../models/config";
import { tokenLogProbs } from "../models/head";
import { initialiseModel } from "../models/initialise";
import { hiddenStates, outputWeight } from "../models/transformer";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { type HostArray, int32, scalar } from "../runtime/tree";
import { chunks, microBatchSize, type PreparedRun } from "./run";

const endOfText = "<|endoftext|>";
const chatTemplate =
  "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{% endfor %}";

/** Prepares a small Llama trained from nothing on text files: the tokenizer first, then next-token prediction (nats a token). */
export async function preparePretrain(config: PretrainConfig, provider: Provider): Promise<PreparedRun> {
  const { train: seen, heldOut } = readCorpus(config);
  const tokenizer = new Tokenizer(trainTokenizer(seen, config.vocabSize, endOfText));
  const llama = configOf(config, tokenizer);
  const T = config.maxLength;
  const start = tokenizer.idOf(endOfText) as number;
  const train = new Windows(tokenizer, new Random(derivedSeed(config.seed, 2)).shuffled(seen), start, T);
  const test = new Windows(tokenizer, heldOut, start, T);
  const tokensPerCharacter = test.tokens / heldOut.reduce((sum, text) => sum + text.length, 0);
  const parameters = initialiseModel(llama, new Random(derivedSeed(config.seed, 3)));
  const stepsPerEpoch = Math.floor(train.count / config.batchSize);
  const totalSteps = Math.min(config.maxSteps ?? Number.POSITIVE_INFINITY, Math.ceil(stepsPerEpoch * config.epochs));
  const cache = new SessionCache(provider);

  /** Mean loss of a token, times the batch's share of the step: []. */
  const lossOf = (p: Record<string, tf.Tensor>, batch: Readonly<Record<string, tf.Tensor>>) => {
    const { inputs, targets, share } = batch as Record<"inputs" | "targets" | "share", tf.Tensor>;
    const each = tokenLogProbs(hiddenStates(p, llama, inputs), outputWeight(p, llama), tf.reshape(targets, [-1]));
    return tf.mul(tf.neg(tf.mean(each)), share);
  };
  const collate = (windows: Windows, numbers: readonly number[], share: number) => {
    const { inputs, targets } = windows.batch(numbers);
    const shape = [numbers.length, T];
    return { inputs: int32(inputs, shape), targets: int32(targets, shape), share: scalar(share) };
  };

  const testBatches = chunks(
    Array.from({ length: test.count }, (_, i) => i),
    config.batchSize,
  );
  const evaluate = async (p: Parameters) => {
    let sum = 0;
    for (const numbers of testBatches) {
      const args = [p, collate(test, numbers, numbers.length / test.count)] as never;
      const evaluation = await cache.get("evaluate", lossOf as never, args);
      sum += ((await evaluation.run(args)) as unknown as HostArray).data[0] as number;
    }
    const metrics: Record<string, number> =
      test.count > 0 ? { eval_loss: sum, eval_loss_per_character: sum * tokensPerCharacter } : {};
    return { metrics, intervals: {}, pairs: test.count, prompts: heldOut.length };
  };
  const order = windowOrder(train.count, config.batchSize, config.seed);
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
    train: { used: train.count, dropped: {} },
    test: { used: test.count, dropped: {} },
    tokensPerEpoch: train.count * T,
    job: {
      parameters,
      objective: (p, batch) => ({ loss: lossOf(p, batch), metrics: {} }),
      totalSteps,
      stepsPerEpoch,
      batches(step) {
        const windows = order(step);
        const parts = chunks(windows, microBatchSize(config));
        return {
          batches: parts.map((part) => collate(train, part, part.length / windows.length)),
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

function configOf(config: PretrainConfig, tokenizer: Tokenizer): ModelConfig {
  const end = tokenizer.idOf(endOfText) ?? 0;
  return llamaConfig({
    hiddenSize: config.hiddenSize,
    intermediateSize: config.intermediateSize,
    layers: config.layers,
    heads: config.heads,
    keyValueHeads: config.keyValueHeads,
    vocabSize: tokenizer.size,
    maxPositions: config.maxLength,
    bosId: end,
    eosId: end,
  });
}
