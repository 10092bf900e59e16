import { messagesKind } from "./columns";
import type { VoteFormat } from "./formats";
import { inOrder } from "./toolFormats";

/** Everything that was said, one row a judgement, also what was taken back, replaced or came late. */
export const judgements: VoteFormat = {
  needs: "votes",
  columns: () => ({
    item_id: "text",
    external_id: "text",
    prompt_id: "text",
    split: "text",
    prompt: messagesKind,
    response_a: messagesKind,
    response_b: messagesKind,
    model_a: "text",
    model_b: "text",
    annotator: "text",
    source: "text",
    verdict: "integer",
    both_bad: "boolean",
    reason: "text",
    criteria: "text",
    shown_left: "text",
    duration_ms: "integer",
    guideline_version: "integer",
    purpose: "text",
    occurrence: "integer",
    action: "text",
    late: "boolean",
    standing: "boolean",
    created_at: "text",
    pair_probability: "number",
    pair_strength: "number",
  }),
  rows: (pair) => {
    const { example, split, modelA, modelB, externalId } = pair;
    const [a, b] = inOrder(pair);
    return pair.votes.map((vote) => ({
      item_id: example.id,
      external_id: externalId,
      prompt_id: example.promptId,
      split,
      prompt: example.prompt,
      response_a: a,
      response_b: b,
      model_a: modelA,
      model_b: modelB,
      annotator: vote.annotator,
      source: vote.source,
      verdict: vote.verdict,
      both_bad: vote.bothBad,
      reason: vote.reason,
      criteria: JSON.stringify(vote.criteria),
      shown_left: vote.shownLeft,
      duration_ms: vote.durationMs,
      guideline_version: vote.guidelineVersion,
      purpose: vote.purpose,
      occurrence: vote.occurrence,
      action: vote.action,
      late: vote.late,
      standing: vote.standing,
      created_at: vote.createdAt,
      pair_probability: example.probability,
      pair_strength: example.strength,
    }));
  },
  misfit: () => null,
};
