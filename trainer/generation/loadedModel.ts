import { openModel } from "../adapters/openModel";
import { TrainerError } from "../contracts/error";
import type { GenerateChunk, GenerateRequest, ScoredToken } from "../contracts/inference";
import type { Message } from "../contracts/message";
import { bucketOf } from "../data/batches";
import { encodeCompletion, encodePrompt } from "../data/text";
import { tokenLogProbs } from "../models/head";
import type { TensorParameters } from "../models/tensors";
import { hiddenStates, outputWeight } from "../models/transformer";
import { rewards } from "../recipes/forward";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import * as tf from "../runtime/tf";
import { type HostArray, int32 } from "../runtime/tree";
import { Decoder } from "./decoder";
import { type BatchOptions, type Completion, complete, generate } from "./generate";
import { programsFor } from "./programs";

/** A model in memory with the programs compiled for it. */
export interface LoadedModel {
  /** Streams an answer; other work may be done between two chunks. */
  generate(request: GenerateRequest): AsyncGenerator<GenerateChunk>;
  /** Answers many at once. */
  complete(requests: readonly GenerateRequest[], options?: BatchOptions): Promise<Completion[]>;
  /** How likely the model finds an answer, token by token, end of text included. */
  scoreTokens(prompt: readonly Message[], answer: readonly Message[]): Promise<ScoredToken[]>;
  /** The reward of an answer, end of text included: what training on this very pair would see. */
  scoreReward(prompt: readonly Message[], answer: readonly Message[]): Promise<number>;
  dispose(): Promise<void>;
}

/** Loads a Hugging Face folder, or an adapter or a delta on its base (`baseFolder`, where the caller knows it), for use. The programs hold constants of its configuration; those that answer it shares with others of its kind on its base. */
export function loadModel(folder: string, provider: Provider, baseFolder?: string): LoadedModel {
  const model = openModel(folder, undefined, baseFolder);
  const { config, parameters, tokenizer } = model;
  const cache = new SessionCache(provider);
  let decoder: Decoder | null = null;
  const generator = () => {
    need("causal", "answer");
    decoder ??= new Decoder(provider, config, parameters, programsFor(provider, model));
    return { ...model, decoder };
  };
  const need = (head: typeof model.head, purpose: string) => {
    if (model.head === head) return;
    const is = model.head === "reward" ? "a reward model" : "a language model";
    throw new TrainerError("bad_model", `${folder} is ${is} and cannot ${purpose}.`, { folder });
  };

  /** The tokens of prompt and answer, as far as the model reaches, and where the answer begins. */
  const tokensOf = (prompt: readonly Message[], answer: readonly Message[]) => {
    const before = encodePrompt(model, prompt);
    const ids = [...before, ...encodeCompletion(model, prompt, answer)].slice(0, config.maxPositions);
    return { ids, from: before.length };
  };
  const padded = (ids: readonly number[]) => {
    const T = bucketOf(ids.length);
    return int32([...ids, ...Array<number>(T - ids.length).fill(0)], [1, T]);
  };
  const run = async (name: string, program: unknown, args: unknown) => {
    const compiled = await cache.get(name, program as never, args as never);
    return (await compiled.run(args as never)) as unknown as HostArray;
  };
  const reward = (p: TensorParameters, batch: Batch) => rewards(p, config, batch);
  const nextLogProbs = (p: TensorParameters, { ids, next }: Record<"ids" | "next", tf.Tensor>) =>
    tokenLogProbs(hiddenStates(p, config, ids), outputWeight(p, config), tf.reshape(next, [-1]));

  return {
    async *generate(request) {
      yield* generate(generator(), request);
    },
    complete: async (requests, options) => complete(generator(), requests, options),
    async scoreTokens(prompt, answer) {
      need("causal", "say how likely a text is");
      const { ids, from } = tokensOf(prompt, answer);
      const scores = await run("tokens", nextLogProbs, [
        parameters,
        { ids: padded(ids), next: padded([...ids.slice(1), 0]) },
      ]);
      const decoder = tokenizer.streamDecoder();
      return ids
        .slice(from)
        .map((id, i) => ({ id, text: decoder.push(id), logProb: scores.data[from + i - 1] as number }));
    },
    async scoreReward(prompt, answer) {
      need("reward", "score answers");
      const { ids } = tokensOf(prompt, answer);
      const scores = await run("reward", reward, [
        parameters,
        { ids: padded(ids), last: int32([ids.length - 1], [1]) },
      ]);
      return scores.data[0] as number;
    },
    async dispose() {
      await decoder?.dispose();
      await cache.dispose();
    },
  };
}

type Batch = Parameters<typeof rewards>[2];
