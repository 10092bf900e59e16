import { TrainerError } from "../contracts/error";
import type { GenerateChunk, GenerateRequest } from "../contracts/inference";
import type { Message } from "../contracts/message";
import { bucketOf } from "../data/batches";
import { encodeCompletion, encodePrompt } from "../data/text";
import { loadModelFolder } from "../io/modelFolder";
import type { TensorParameters } from "../models/llama";
import type { Provider } from "../runtime/program";
import { SessionCache } from "../runtime/sessionCache";
import { type HostArray, int32 } from "../runtime/tree";
import { rewards } from "./forward";
import { generate } from "./generate";

/** A model in memory with the programs compiled for it. */
export interface LoadedModel {
  /** Streams an answer; other work may be done between two chunks. */
  generate(request: GenerateRequest): AsyncGenerator<GenerateChunk>;
  /** The reward of an answer, end of text included: what training on this very pair would see. */
  scoreReward(prompt: readonly Message[], answer: readonly Message[]): Promise<number>;
  dispose(): Promise<void>;
}

/** Loads a Hugging Face folder for use. The programs are this model's own: they hold constants of its configuration. */
export function loadModel(folder: string, provider: Provider): LoadedModel {
  const model = loadModelFolder(folder);
  const cache = new SessionCache(provider);
  const need = (head: typeof model.head, purpose: string) => {
    if (model.head === head) return;
    const is = model.head === "reward" ? "a reward model" : "a language model";
    throw new TrainerError("bad_model", `${folder} is ${is} and cannot ${purpose}.`, { folder });
  };
  const forward = (p: TensorParameters, batch: Batch) => rewards(p, model.config, batch);

  return {
    async *generate(request) {
      need("causal", "answer");
      yield* generate({ ...model, cache }, request);
    },
    async scoreReward(prompt, answer) {
      need("reward", "score answers");
      const all = [...encodePrompt(model, prompt), ...encodeCompletion(model, prompt, answer)];
      const ids = all.slice(0, model.config.maxPositions);
      const T = bucketOf(ids.length);
      const padded = new Int32Array(T);
      padded.set(ids);
      const args = [model.parameters, { ids: int32(padded, [1, T]), last: int32([ids.length - 1], [1]) }] as never;
      const compiled = await cache.get("reward", forward as never, args);
      const scores = (await compiled.run(args)) as unknown as HostArray;
      return scores.data[0] as number;
    },
    dispose: () => cache.dispose(),
  };
}

type Batch = Parameters<typeof rewards>[2];
