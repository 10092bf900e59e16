import type { Db, DbTx } from "@/db/client";
import { listModelRecipes } from "@/db/queries/models.queries";
import { findJudgedItem, type JudgedItem, listItemsWithVerdict } from "@/db/queries/snapshots.queries";
import { pairHyperparameters } from "@/trainer/contracts/losses";
import type { Message } from "@/trainer/contracts/message";
import { ppoConfigSchema, rewardConfigSchema } from "@/trainer/contracts/runConfig";
import { isRuleKey } from "../domain/demo/disclosure";
import { DomainError } from "../domain/errors";
import { combinationRuleSchema, combine } from "../domain/preference";
import type { Access } from "./access";
import { requestScoring } from "./scorings.service";

/** Pairs to choose from. */
const offered = 50;
/** Characters of a prompt in a list. */
const excerptLength = 80;
/** Judgements combine as a new snapshot combines them. */
const rule = combinationRuleSchema.parse({});

// Of a run's settings those that the formulas name, with their defaults for models that no such run made.
const ppoSettingsSchema = ppoConfigSchema.pick({ klCoefficient: true, clipRange: true });
const rewardSettingsSchema = rewardConfigSchema.pick({ centerRewardsCoefficient: true });

export interface LessonPair {
  readonly id: string;
  readonly prompt: readonly Message[];
  readonly chosen: readonly Message[];
  readonly rejected: readonly Message[];
  /** P(chosen ≻ rejected), as the judgements say. */
  readonly probability: number;
  readonly judgements: number;
  readonly ruleJudgements: number;
}

/** The pair of an item; null when its judgements make no preference. */
function pairOf({ id, prompt, a, b, judgements }: JudgedItem): LessonPair | null {
  const combined = combine(judgements, rule);
  const silent = [a, b].some((side) => side.every(({ content }) => content.trim() === ""));
  if (combined.kind === "excluded" || silent) return null;
  const [chosen, rejected] = combined.chosen === "a" ? [a, b] : [b, a];
  const ruleJudgements = judgements.filter(({ annotatorKey }) => isRuleKey(annotatorKey)).length;
  return {
    id,
    prompt,
    chosen,
    rejected,
    probability: combined.probability,
    judgements: combined.judgements,
    ruleJudgements,
  };
}

const excerpt = (prompt: readonly Message[]): string => {
  const text = (prompt.at(-1)?.content ?? "").trim().replace(/\s+/g, " ");
  return text.length > excerptLength ? `${[...text].slice(0, excerptLength).join("")}…` : text;
};

/** Language models with what each was tuned from and its β and ε, and reward models with how theirs was trained. Newest first. */
function modelsOf(tx: DbTx, projectId: string) {
  const recipes = listModelRecipes(tx, projectId);
  const policies = recipes.flatMap(({ model: { id, name, kind }, base, config }) => {
    if (kind !== "policy") return [];
    const asked = config?.kind === "dpo" && config.loss === "sigmoid" ? config.beta : undefined;
    const { beta } = pairHyperparameters("sigmoid", { beta: asked });
    const ppo = ppoSettingsSchema.parse(config?.kind === "ppo" ? config : {});
    return [{ id, name, reference: base, beta, ppo: { beta: ppo.klCoefficient, clip: ppo.clipRange } }];
  });
  const rewards = recipes.flatMap(({ model: { id, name, kind }, config }) => {
    if (kind !== "reward") return [];
    const { centerRewardsCoefficient } = rewardSettingsSchema.parse(config ?? {});
    return [{ id, name, centering: centerRewardsCoefficient }];
  });
  return { policies, rewards };
}

/** What the page walks through: pairs to choose from, one of them whole, and the models there are. */
export function getLesson(db: DbTx, { projectId }: Access<"admin">, itemId: string | null) {
  const pairs = listItemsWithVerdict(db, projectId, offered).flatMap((row) => pairOf(row) ?? []);
  const asked = itemId === null ? null : findJudgedItem(db, projectId, itemId);
  const pair = (asked && pairOf(asked)) ?? pairs[0] ?? null;
  return {
    pairs: pairs.map(({ id, prompt }) => ({ id, prompt: excerpt(prompt) })),
    pair,
    ...modelsOf(db, projectId),
  };
}

/** Asks the worker for the numbers of one pair under these models. */
export function walkPair(
  db: Db,
  access: Access<"admin">,
  asked: {
    readonly itemId: string;
    readonly policyId: string;
    readonly referenceId: string;
    readonly rewardModelId: string | null;
  },
): { scoringId: string } {
  const row = findJudgedItem(db, access.projectId, asked.itemId);
  const pair = row && pairOf(row);
  if (!pair) throw new DomainError("not_found", { what: "pair" });
  return requestScoring(db, access, {
    prompt: pair.prompt,
    answers: [pair.chosen, pair.rejected].map((messages) => ({ messages, ended: true })),
    modelIds: [asked.policyId, asked.referenceId],
    rewardModelId: asked.rewardModelId,
  });
}
