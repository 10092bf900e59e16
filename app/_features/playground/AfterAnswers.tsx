"use client";
import type { ModelRow } from "../models/modelTypes";
import { SendPair } from "./SendPair";
import { TokenComparison } from "./TokenComparison";
import type { useGeneration } from "./useGeneration";

interface Props {
  projectId: string;
  generation: Pick<ReturnType<typeof useGeneration>, "question" | "generationId" | "view">;
  models: readonly ModelRow[];
}

/** What can be done with finished answers. */
export function AfterAnswers({ projectId, generation: { question, generationId, view }, models }: Props) {
  if (!question || generationId === null || !view.done) return null;
  const asked = question.modelIds.map((id) => ({ id, name: models.find((m) => m.id === id)?.name ?? id }));
  const answered = asked.filter(({ id }) => view.answers[id]?.end && view.answers[id]?.text.trim() !== "");
  if (asked.length < 2 || answered.length === 0) return null;
  return (
    <>
      <TokenComparison key={`tokens-${generationId}`} {...{ projectId, generationId, answered, asked }} />
      {answered.length > 1 ? (
        <SendPair key={`send-${generationId}`} {...{ projectId, generationId, answered }} />
      ) : null}
    </>
  );
}
