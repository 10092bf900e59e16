import type { KlEstimator } from "../../contracts/online";
import type { Parameters } from "../../io/safetensors";
import type { Batch } from "../../loop/trainStep";
import { type ModelConfig, withoutAdapter } from "../../models/config";
import type { TensorParameters } from "../../models/tensors";
import { klEstimate } from "../../objectives/kl";
import type { SessionCache } from "../../runtime/sessionCache";
import type { HostArray } from "../../runtime/tree";
import { tokenScores, tokenValues } from "../forward";
import { chunks, numbers } from "../run";
import type { ScoredAnswer } from "./method";
import { type Answer, type AnswerBatching, collateAnswers, perAnswer } from "./rollout";

export interface Examiner {
  /** The policy's; reference and value model have no adapter. */
  readonly llama: ModelConfig;
  readonly reference: Parameters;
  readonly temperature: number;
  readonly klEstimator: KlEstimator;
  readonly batching: AnswerBatching;
  readonly cache: SessionCache;
  valuesOf(parameters: TensorParameters): TensorParameters | null;
}

type TokenFigures = Pick<ScoredAnswer, "logps" | "reference" | "entropy" | "kl" | "values">;

/** What policy, reference and value model say of the tokens of answers that the policy gave; no gradient. */
export async function examine(
  { llama, reference, temperature, klEstimator, batching, cache, valuesOf }: Examiner,
  parameters: Parameters,
  answers: readonly Answer[],
): Promise<TokenFigures[]> {
  const { execution, size } = batching;
  const plain = withoutAdapter(llama);
  const program = (p: TensorParameters, base: TensorParameters, batch: Batch) => {
    const { logp, entropy } = tokenScores(p, llama, batch, { temperature, execution });
    const { logp: expected } = tokenScores(base, plain, batch, { temperature, execution });
    const value = valuesOf(p);
    return {
      logp,
      expected,
      entropy,
      kl: klEstimate(klEstimator, logp, expected),
      ...(value && { value: tokenValues(value, plain, batch, execution) }),
    };
  };
  const found: TokenFigures[] = [];
  for (const part of chunks(answers, size)) {
    const args = [parameters, reference, collateAnswers(part, batching)] as never;
    const compiled = await cache.get("examine", program as never, args);
    const out = (await compiled.run(args)) as unknown as Record<"logp" | "expected" | "entropy" | "kl", HostArray> & {
      readonly value?: HostArray;
    };
    const cut = (array: HostArray) => perAnswer(part, numbers(array));
    const [logps, expected, entropy, kl] = [cut(out.logp), cut(out.expected), cut(out.entropy), cut(out.kl)];
    const values = out.value ? cut(out.value) : part.map(() => []);
    part.forEach((_, i) => {
      const at = (rows: number[][]) => rows[i] as number[];
      found.push({ logps: at(logps), reference: at(expected), entropy: at(entropy), kl: at(kl), values: at(values) });
    });
  }
  return found;
}
