import type { PreferenceExample } from "../contracts/example";
import { float32, type HostArray } from "../runtime/tree";
import {
  collateSequences,
  defaultLayout,
  demandOf,
  documentsOf,
  filled,
  type LayoutOptions,
  meanOf,
  shares,
  type TokenSequence,
} from "./sequences";
import type { Demand, Shape } from "./shapes";
import { encodeCompletion, encodePrompt, type TextCodec } from "./text";

/** A pair as token ids; the completions end with the end-of-text token unless they were cut. */
export interface TokenPair {
  readonly promptId: string;
  readonly promptText: PreferenceExample["prompt"];
  readonly prompt: readonly number[];
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
  readonly probability: number;
  readonly strength: number;
}

/** Tokenises; completions are cut at `maxLength`, pairs whose prompt alone fills it or whose answers are equal are dropped and counted. */
export function tokenisePairs(examples: readonly PreferenceExample[], codec: TextCodec, maxLength: number) {
  const dropped: Record<string, number> = {};
  const pairs = examples.flatMap((example): TokenPair[] => {
    const prompt = encodePrompt(codec, example.prompt);
    const room = maxLength - prompt.length;
    const chosen = encodeCompletion(codec, example.prompt, example.chosen).slice(0, Math.max(0, room));
    const rejected = encodeCompletion(codec, example.prompt, example.rejected).slice(0, Math.max(0, room));
    const reason =
      room <= 0
        ? "prompt_too_long"
        : prompt.length === 0
          ? "empty_prompt"
          : chosen.join() === rejected.join()
            ? "same_answers"
            : null;
    if (reason) {
      dropped[reason] = (dropped[reason] ?? 0) + 1;
      return [];
    }
    const { promptId, probability, strength } = example;
    return [{ promptId, promptText: example.prompt, prompt, chosen, rejected, probability, strength }];
  });
  return { pairs, dropped };
}

/** Tokens of both sequences of a pair. */
export const pairTokens = ({ prompt, chosen, rejected }: TokenPair): number =>
  2 * prompt.length + chosen.length + rejected.length;

/** The sequences of some pairs, filled up to a batch: all chosen ones, then all rejected ones. */
function sequencesOf(pairs: readonly TokenPair[], batchSize: number): TokenSequence[] {
  const rows = filled(pairs, batchSize);
  return (["chosen", "rejected"] as const).flatMap((side) =>
    rows.map((pair, group) => ({ prompt: pair.prompt, completion: pair[side], group })),
  );
}

/** What a batch of pairs needs of a shape. */
export const pairDemand = (
  pairs: readonly TokenPair[],
  batchSize: number,
  { layout = defaultLayout, promptToo = false }: Pick<CollatePairsOptions, "layout" | "promptToo"> = {},
): Demand => demandOf(documentsOf(sequencesOf(pairs, batchSize), layout), promptToo ? batchSize : 0);

export interface CollatePairsOptions {
  /** All pairs of the optimizer step that this batch is part of: means are over them. This batch's own when left out. */
  readonly step?: readonly TokenPair[];
  readonly promptToo?: boolean;
  readonly layout?: LayoutOptions;
  readonly shape?: Shape;
}

/**
 * A batch of pairs, chosen rows first, as `collateSequences` lays them out with n = 2·batchSize; `probability`, `strength`
 * [B]; `weight` [B], a share of the whole step for real pairs and 0 for those that only fill the batch; `meanLength` [2],
 * of chosen and rejected completions. With `promptToo` also the prompts' places and `meanSequence` [2].
 */
export function collatePairs(
  pairs: readonly TokenPair[],
  batchSize: number,
  { step = pairs, promptToo = false, layout = defaultLayout, shape }: CollatePairsOptions = {},
): { batch: Record<string, HostArray>; tokens: number } {
  const rows = filled(pairs, batchSize);
  const means = (value: (pair: TokenPair, side: "chosen" | "rejected") => number) =>
    float32(
      (["chosen", "rejected"] as const).map((side) => meanOf(step.map((pair) => value(pair, side)))),
      [2],
    );
  const perPair = (value: (pair: TokenPair) => number) => float32(rows.map(value), [batchSize]);
  const promptsOf = promptToo ? batchSize : 0;
  return {
    batch: {
      ...collateSequences(sequencesOf(pairs, batchSize), { layout, shape, promptsOf }),
      probability: perPair((p) => p.probability),
      strength: perPair((p) => p.strength),
      weight: shares(pairs.length, batchSize, step.length),
      meanLength: means((pair, side) => pair[side].length),
      ...(promptToo && { meanSequence: means((pair, side) => pair.prompt.length - 1 + pair[side].length) }),
    },
    tokens: pairs.reduce((sum, pair) => sum + pairTokens(pair), 0),
  };
}
