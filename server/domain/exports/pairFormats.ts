import type { PreferenceExample } from "@/trainer/contracts/example";
import type { Message } from "@/trainer/contracts/message";
import { parseTurns } from "../imports/conversation";
import { canonicalJson } from "../imports/identity";
import { type Columns, messagesKind } from "./columns";
import type { LabelKind, Misfit, PairFormat } from "./formats";

/** The formats of libraries that train on pairs. One pure function each from a pair to its rows. */

const hasOneAnswerEach = ({ chosen, rejected }: PreferenceExample): boolean =>
  chosen.length === 1 && rejected.length === 1;

/** Fits formats whose answers are one text each. */
export const oneAnswerMisfit = (example: PreferenceExample): Misfit | null =>
  hasOneAnswerEach(example) ? null : "several_answers";

const fitsAll = (): null => null;
export const textOf = (messages: readonly Message[]): string => messages[0]?.content ?? "";

export const trlStandard: PairFormat = {
  needs: "pairs",
  columns: () => ({ prompt: "text", chosen: "text", rejected: "text" }),
  rows: ({ prompt, chosen, rejected }) => [
    { prompt: textOf(prompt), chosen: textOf(chosen), rejected: textOf(rejected) },
  ],
  misfit: (example) =>
    hasOneAnswerEach(example) && example.prompt.length === 1 && example.prompt[0]?.role === "user" ? null : "turns",
};

export const trlConversational: PairFormat = {
  needs: "pairs",
  columns: () => ({ prompt: messagesKind, chosen: messagesKind, rejected: messagesKind }),
  rows: ({ prompt, chosen, rejected }) => [{ prompt, chosen, rejected }],
  misfit: fitsAll,
};

const whole = ({ prompt, chosen, rejected }: PreferenceExample) => ({
  chosen: [...prompt, ...chosen],
  rejected: [...prompt, ...rejected],
});

const marginColumn = (labels: LabelKind): Columns => (labels === "soft" ? { margin: "number" } : {});
/** The mean verdict's size, 0 … 3: what TRL's RewardTrainer and OpenRLHF take from the difference of rewards. */
const marginOf = ({ strength }: PreferenceExample, labels: LabelKind) =>
  labels === "soft" ? { margin: strength } : {};

export const trlImplicit: PairFormat = {
  needs: "pairs",
  columns: (labels) => ({ chosen: messagesKind, rejected: messagesKind, ...marginColumn(labels) }),
  rows: (example, labels) => [{ ...whole(example), ...marginOf(example, labels) }],
  misfit: fitsAll,
};

export const openRlhf: PairFormat = {
  needs: "pairs",
  columns: (labels) => ({
    prompt: messagesKind,
    chosen: messagesKind,
    rejected: messagesKind,
    ...marginColumn(labels),
  }),
  rows: (example, labels) => {
    const { prompt, chosen, rejected } = example;
    return [{ prompt, chosen, rejected, ...marginOf(example, labels) }];
  },
  misfit: fitsAll,
};

/** Two rows a pair, the wanted answer first. */
export const kto: PairFormat = {
  needs: "pairs",
  columns: () => ({ prompt: messagesKind, completion: messagesKind, label: "boolean" }),
  rows: ({ prompt, chosen, rejected }) => [
    { prompt, completion: chosen, label: true },
    { prompt, completion: rejected, label: false },
  ],
  misfit: fitsAll,
};

const spoken: Readonly<Record<Message["role"], string>> = { user: "Human", assistant: "Assistant", system: "" };
const dialogue = (messages: readonly Message[]): string =>
  messages.map(({ role, content }) => `\n\n${spoken[role]}: ${content}`).join("");

/** Anthropic's two dialogues. */
export const hhRlhf: PairFormat = {
  needs: "pairs",
  columns: () => ({ chosen: "text", rejected: "text" }),
  rows: (example) => {
    const { chosen, rejected } = whole(example);
    return [{ chosen: dialogue(chosen), rejected: dialogue(rejected) }];
  },
  misfit: ({ prompt, chosen, rejected }) => {
    if (prompt[0]?.role === "system") return "system";
    // A text that holds a turn's mark would be read back as another dialogue.
    const isReadBack = (messages: Message[]) =>
      canonicalJson(parseTurns(dialogue(messages))) === canonicalJson(messages);
    return isReadBack([...prompt, ...chosen]) && isReadBack([...prompt, ...rejected]) ? null : "turn_marks";
  },
};

/** Scores 0 … 10 as UltraFeedback's judges gave them; ours say how probable it is that an answer is the better one. */
const scoreOf = (probability: number): number => Number((probability * 10).toFixed(6));

export const ultraFeedback: PairFormat = {
  needs: "pairs",
  columns: () => ({
    prompt: "text",
    prompt_id: "text",
    chosen: messagesKind,
    rejected: messagesKind,
    messages: messagesKind,
    score_chosen: "number",
    score_rejected: "number",
  }),
  rows: (example, labels) => {
    const { chosen, rejected } = whole(example);
    const probability = labels === "soft" ? example.probability : 1;
    return [
      {
        prompt: example.prompt.findLast(({ role }) => role === "user")?.content ?? "",
        prompt_id: example.promptId,
        chosen,
        rejected,
        messages: chosen,
        score_chosen: scoreOf(probability),
        score_rejected: scoreOf(1 - probability),
      },
    ];
  },
  misfit: fitsAll,
};
