"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/app/_ui/Button";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { FailureNote } from "@/app/_ui/FailureNote";
import { Skeleton } from "@/app/_ui/Skeleton";
import type { ScoredAnswer, ScoredToken } from "@/trainer/contracts/inference";
import { useScoring } from "../scoring/useScoring";
import { DpoNumbers } from "./DpoNumbers";
import type { Formulas } from "./formulas";
import type { LessonPair, LessonPolicy, LessonReward } from "./learnTypes";
import { PpoNumbers } from "./PpoNumbers";
import { RewardNumbers } from "./RewardNumbers";
import { SectionCard } from "./SectionCard";
import { useWalk } from "./useWalk";

interface Props {
  projectId: string;
  formulas: Formulas;
  pair: LessonPair;
  policy: LessonPolicy;
  reward: LessonReward | null;
}

/** The pair's numbers under the chosen models, as the worker found them. */
export function Walkthrough(props: Props) {
  const t = useTranslations("learn");
  const { projectId, formulas, pair, policy, reward } = props;
  const reference = policy.reference ?? policy;
  const walk = { itemId: pair.id, policyId: policy.id, referenceId: reference.id, rewardModelId: reward?.id ?? null };
  const { scoringId, error, again } = useWalk(projectId, walk);
  const waiting = (
    <div role="status" className="grid gap-2">
      <span className="text-muted">{t("computing")}</span>
      <Skeleton className="h-32" />
    </div>
  );
  const show = (render: (scored: Scored) => ReactNode) =>
    error ? (
      <ErrorNote error={error} onRetry={again} />
    ) : scoringId === null ? (
      waiting
    ) : (
      <WithScores {...{ projectId, scoringId, waiting, render, again }} />
    );
  const noReward = (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="max-w-[72ch]">{t("noReward")}</p>
      <ButtonLink href={`/projects/${projectId}/runs/new`}>{t("newRun")}</ButtonLink>
    </div>
  );
  const sums = ({ chosen, rejected }: Scored, id: string) => ({
    chosen: total(chosen.tokens[id]),
    rejected: total(rejected.tokens[id]),
  });
  const rewardsOf = ({ chosen, rejected }: Scored) => ({ chosen: chosen.reward ?? 0, rejected: rejected.reward ?? 0 });
  const baseOnly =
    reference.id === policy.id ? (
      <p className="mb-3 max-w-[72ch] rounded-md border border-line bg-sunken px-3 py-2">
        {t("baseOnly", { name: policy.name })}
      </p>
    ) : null;
  return (
    <>
      <SectionCard section="reward" formulas={formulas}>
        {reward
          ? show((scored) => (
              <RewardNumbers
                formulas={formulas}
                rewards={rewardsOf(scored)}
                label={pair.probability}
                centering={reward.centering}
              />
            ))
          : noReward}
      </SectionCard>
      <SectionCard section="ppo" formulas={formulas} more={["ppo.clipped"]}>
        {baseOnly}
        {reward
          ? show((scored) => {
              const side = ({ tokens }: ScoredAnswer) => ({
                policy: tokens[policy.id] ?? [],
                reference: tokens[reference.id] ?? [],
              });
              return (
                <PpoNumbers
                  formulas={formulas}
                  rewards={rewardsOf(scored)}
                  chosen={side(scored.chosen)}
                  rejected={side(scored.rejected)}
                  settings={policy.ppo}
                />
              );
            })
          : noReward}
      </SectionCard>
      <SectionCard section="dpo" formulas={formulas}>
        {baseOnly}
        {show((scored) => (
          <DpoNumbers
            formulas={formulas}
            policy={sums(scored, policy.id)}
            reference={sums(scored, reference.id)}
            names={{ policy: policy.name, reference: reference.name }}
            label={pair.probability}
            beta={policy.beta}
          />
        ))}
      </SectionCard>
    </>
  );
}

interface Scored {
  readonly chosen: ScoredAnswer;
  readonly rejected: ScoredAnswer;
}

const total = (tokens: readonly ScoredToken[] = []): number => tokens.reduce((sum, { logProb }) => sum + logProb, 0);

interface ScoresProps {
  projectId: string;
  scoringId: string;
  waiting: ReactNode;
  render: (scored: Scored) => ReactNode;
  again: () => void;
}

function WithScores({ projectId, scoringId, waiting, render, again }: ScoresProps) {
  const t = useTranslations("learn");
  const { result, failure, dropped, error, retry } = useScoring(projectId, scoringId);
  if (failure !== null) return <FailureNote title={t("failed")}>{failure}</FailureNote>;
  if (error) return <ErrorNote error={error} onRetry={retry} />;
  if (dropped) return <Button onClick={again}>{t("again")}</Button>;
  const [chosen, rejected] = result ?? [];
  return chosen && rejected ? render({ chosen, rejected }) : waiting;
}
