import { type OpenedModel, openModel } from "../../adapters/openModel";
import { TrainerError } from "../../contracts/error";
import type { Message } from "../../contracts/message";
import type { RewardSource } from "../../contracts/online";
import { bucketOf } from "../../data/batches";
import { filled } from "../../data/sequences";
import { encodeCompletion, encodePrompt } from "../../data/text";
import type { ModelFolder } from "../../io/modelFolder";
import type { TensorParameters } from "../../models/tensors";
import type { Provider } from "../../runtime/program";
import { SessionCache } from "../../runtime/sessionCache";
import type * as tf from "../../runtime/tf";
import { type HostArray, int32 } from "../../runtime/tree";
import { rewards } from "../forward";
import { chunks, numbers } from "../run";
import { lexiconScore } from "./lexicon";

/** A prompt and a text that answers it. */
interface Answered {
  readonly prompt: readonly Message[];
  readonly text: string;
}

/** What says how good answers are. */
export interface Scorer {
  score(answers: readonly Answered[]): Promise<number[]>;
  dispose(): Promise<void>;
}

/** Loads a reward model. */
export function loadRewardModel(folder: string): OpenedModel {
  const model = openModel(folder);
  if (model.head === "reward") return model;
  throw new TrainerError("bad_model", `${folder} is a language model; a reward comes from a reward model.`, { folder });
}

export function openScorer(source: RewardSource, provider: Provider): Scorer {
  if (typeof source === "string") return modelScorer(loadRewardModel(source), provider);
  return {
    score: async (answers) => answers.map(({ text }) => lexiconScore(source, text)),
    dispose: async () => {},
  };
}

/** Answers that are scored at once. */
const atOnce = 32;

/**
 * Scores texts as the model was trained on them: by its own tokens and template, read at the end-of-text that follows, also
 * where an answer was cut before it; what a cut costs is not the model's to say.
 */
function modelScorer(model: ModelFolder, provider: Provider): Scorer {
  const { config, parameters } = model;
  const cache = new SessionCache(provider);
  const program = (p: TensorParameters, batch: Readonly<Record<string, tf.Tensor>>) => rewards(p, config, batch);
  const tokensOf = ({ prompt, text }: Answered): number[] => {
    const answer = encodeCompletion(model, prompt, [{ role: "assistant", content: text }]);
    return [...encodePrompt(model, prompt), ...answer].slice(0, config.maxPositions);
  };
  return {
    async score(answers) {
      const scores: number[] = [];
      for (const part of chunks(answers.map(tokensOf), atOnce)) {
        const rows = filled(part, atOnce);
        const T = bucketOf(Math.max(...rows.map((ids) => ids.length)));
        const batch = {
          ids: int32(
            rows.flatMap((ids) => [...ids, ...Array<number>(T - ids.length).fill(0)]),
            [atOnce, T],
          ),
          last: int32(
            rows.map((ids, row) => row * T + ids.length - 1),
            [atOnce],
          ),
        };
        const args = [parameters, batch] as never;
        const compiled = await cache.get("reward", program as never, args);
        scores.push(...numbers((await compiled.run(args)) as unknown as HostArray).slice(0, part.length));
      }
      return scores;
    },
    dispose: () => cache.dispose(),
  };
}
