import type { ModelRow } from "../models/modelTypes";

export interface ModelChoice {
  readonly first: string | null;
  readonly second: string | null;
  readonly reward: string | null;
}

type Listed = Pick<ModelRow, "id" | "kind" | "starter" | "createdAt">;

/** The starter against the newest tuned model, scored by the newest reward model; what the address asks for goes first. */
export function defaultChoice(
  models: readonly Listed[],
  wantedModel: string | null,
  wantedReward: string | null,
): ModelChoice {
  const newest = models.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  const policies = newest.filter((m) => m.kind === "policy");
  const rewards = newest.filter((m) => m.kind === "reward");
  const named = (list: readonly Listed[], id: string | null) => list.find((m) => m.id === id);
  const first = policies.find((m) => m.starter) ?? policies.at(-1);
  const second = named(policies, wantedModel) ?? policies.find((m) => m !== first);
  return {
    first: first?.id ?? null,
    second: second && second !== first ? second.id : (policies.find((m) => m !== first)?.id ?? null),
    reward: (named(rewards, wantedReward) ?? rewards[0])?.id ?? null,
  };
}
