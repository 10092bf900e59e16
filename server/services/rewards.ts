import { eq } from "drizzle-orm";
import type { DbTx } from "@/db/client";
import { findModel, listRewardModels } from "@/db/queries/models.queries";
import { project } from "@/db/schema/identity";
import type { RewardSource } from "@/trainer/contracts/online";
import { warmthLexicon } from "../domain/demo/warmth";
import { DomainError } from "../domain/errors";

/** Stands for the rule that labelled a project's pairs. */
const ruleId = "rule";

const hasRule = (tx: DbTx, projectId: string): boolean =>
  tx.select({ disclosure: project.disclosure }).from(project).where(eq(project.id, projectId)).get()?.disclosure ===
  "rule";

/** What may score the answers of a run that samples: the project's reward models, newest first, then its rule. */
export function rewardChoices(tx: DbTx, projectId: string): { readonly id: string; readonly name: string | null }[] {
  const models = listRewardModels(tx, projectId).map(({ id, name }) => ({ id, name }));
  return hasRule(tx, projectId) ? [...models, { id: ruleId, name: null }] : models;
}

/**
 * The reward that was asked for, or the usual choice, and what watches it on held-out prompts: the rule where the project has
 * one, else the newest other reward model. A rule that is the reward itself has no judge above it.
 */
export function rewardSources(
  tx: DbTx,
  projectId: string,
  wanted: string | undefined,
): { readonly reward: RewardSource; readonly judge?: RewardSource } {
  const id = wanted ?? rewardChoices(tx, projectId)[0]?.id;
  if (id === undefined)
    throw new DomainError("invalid_input", { field: "reward", problem: "train a reward model first" });
  const ruled = hasRule(tx, projectId);
  if (id === ruleId && ruled) return { reward: warmthLexicon };
  const model = findModel(tx, projectId, id);
  if (model?.kind !== "reward") throw new DomainError("not_found", { what: "model" });
  const other = listRewardModels(tx, projectId).find((one) => one.id !== model.id);
  const judge = ruled ? warmthLexicon : other?.path;
  return { reward: model.path, ...(judge !== undefined && { judge }) };
}
