import type { Message } from "@/trainer/contracts/message";
import { type ColumnKind, messagesKind } from "./columns";
import type { ExportVote, JudgedPair, LabelKind, PairFormat, VoteFormat } from "./formats";
import { oneAnswerMisfit, textOf } from "./pairFormats";

/** The formats of tools with a layout of their own: LLaMA-Factory, HelpSteer3, Argilla. */

const turnKind: ColumnKind = { struct: { from: "text", value: "text" } };
const shareNames: Readonly<Record<Message["role"], string>> = { system: "system", user: "human", assistant: "gpt" };
const shareTurn = ({ role, content }: Message) => ({ from: shareNames[role], value: content });

export const llamaFactoryShareGpt: PairFormat = {
  needs: "pairs",
  columns: () => ({ conversations: { list: turnKind }, chosen: turnKind, rejected: turnKind }),
  rows: ({ prompt, chosen, rejected }) => [
    {
      conversations: prompt.map(shareTurn),
      chosen: shareTurn(chosen[0] as Message),
      rejected: shareTurn(rejected[0] as Message),
    },
  ],
  misfit: oneAnswerMisfit,
};

/** A prompt's parts: the system message, the finished exchanges, the question. */
function exchanges(prompt: readonly Message[]): { system: string; history: string[][]; instruction: string } {
  const turns = prompt[0]?.role === "system" ? prompt.slice(1) : prompt;
  const history: string[][] = [];
  for (let i = 0; i + 2 < turns.length; i += 2) history.push([turns[i]?.content ?? "", turns[i + 1]?.content ?? ""]);
  return {
    system: prompt[0]?.role === "system" ? prompt[0].content : "",
    history,
    instruction: turns.at(-1)?.content ?? "",
  };
}

export const llamaFactoryAlpaca: PairFormat = {
  needs: "pairs",
  columns: () => ({
    instruction: "text",
    input: "text",
    chosen: "text",
    rejected: "text",
    system: "text",
    history: { list: { list: "text" } },
  }),
  rows: (example) => {
    const { system, history, instruction } = exchanges(example.prompt);
    return [
      { instruction, input: "", chosen: textOf(example.chosen), rejected: textOf(example.rejected), system, history },
    ];
  },
  misfit: (example) => {
    const first = example.prompt.find(({ role }) => role !== "system");
    return first?.role === "assistant" ? "first_turn" : oneAnswerMisfit(example);
  },
};

/** LLaMA-Factory's description of the files of one split; `train` and `test` become `<name>` and `<name>_test`. */
export function datasetInfo(
  format: "llamafactory-sharegpt" | "llamafactory-alpaca",
  files: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const columns =
    format === "llamafactory-sharegpt"
      ? { messages: "conversations", chosen: "chosen", rejected: "rejected" }
      : {
          prompt: "instruction",
          query: "input",
          chosen: "chosen",
          rejected: "rejected",
          system: "system",
          history: "history",
        };
  const formatting = format === "llamafactory-sharegpt" ? "sharegpt" : "alpaca";
  return Object.fromEntries(
    Object.entries(files).map(([name, file_name]) => [name, { file_name, formatting, ranking: true, columns }]),
  );
}

/** The two responses in stored order: the side says nothing about which is better. */
export const inOrder = ({ example: { chosen, rejected }, chosenSlot }: JudgedPair) =>
  chosenSlot === "a" ? ([chosen, rejected] as const) : ([rejected, chosen] as const);

/** HelpSteer3's −3 … 3. Hard labels are "better" without a degree: ±2. */
function overall({ example: { strength }, chosenSlot }: JudgedPair, labels: LabelKind): number {
  const size = labels === "hard" ? 2 : Math.min(3, Math.max(1, Math.round(strength)));
  return chosenSlot === "a" ? -size : size;
}

const stands = (vote: ExportVote): boolean => vote.standing && vote.action === "judge";

export const helpSteer: VoteFormat = {
  needs: "votes",
  columns: () => ({
    context: messagesKind,
    response1: "text",
    response2: "text",
    overall_preference: "integer",
    individual_preference: { list: { struct: { score: "integer", reasoning: "text", annotator: "text" } } },
  }),
  rows: (pair, labels) => {
    const [first, second] = inOrder(pair);
    return [
      {
        context: pair.example.prompt,
        response1: textOf(first),
        response2: textOf(second),
        overall_preference: overall(pair, labels),
        individual_preference: pair.votes
          .filter((vote) => stands(vote) && vote.verdict !== null)
          .map(({ verdict, reason, annotator }) => ({ score: verdict, reasoning: reason ?? "", annotator })),
      },
    ];
  },
  misfit: oneAnswerMisfit,
};

const choice = ({ verdict, bothBad }: ExportVote): string =>
  bothBad ? "both_bad" : verdict === null || verdict === 0 ? "tie" : verdict < 0 ? "a" : "b";

const answerKind: ColumnKind = { struct: { value: "text", user_id: "text" } };

/** Records with a chat field, two text fields and the label question `pref`; our combined word is a suggestion. */
export const argilla: VoteFormat = {
  needs: "votes",
  columns: () => ({
    id: "text",
    fields: { struct: { prompt: messagesKind, a: "text", b: "text" } },
    metadata: { struct: { prompt_id: "text", split: "text", strength: "number" } },
    suggestions: {
      struct: { pref: { struct: { value: "text", score: "number", agent: "text" } } },
    },
    responses: { struct: { pref: { list: answerKind } } },
  }),
  rows: (pair, labels) => {
    const { example, chosenSlot, split } = pair;
    const [first, second] = inOrder(pair);
    const score = labels === "soft" ? example.probability : 1;
    return [
      {
        id: example.id,
        fields: { prompt: example.prompt, a: textOf(first), b: textOf(second) },
        metadata: { prompt_id: example.promptId, split, strength: example.strength },
        suggestions: { pref: { value: chosenSlot, score, agent: "snapshot" } },
        responses: {
          pref: pair.votes.filter(stands).map((vote) => ({ value: choice(vote), user_id: vote.annotator })),
        },
      },
    ];
  },
  misfit: oneAnswerMisfit,
};
