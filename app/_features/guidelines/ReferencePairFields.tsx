"use client";
import { useTranslations } from "next-intl";
import { Field } from "@/app/_ui/Field";
import { Messages } from "@/app/_ui/Messages";
import { Select } from "@/app/_ui/Select";
import { Textarea } from "@/app/_ui/Textarea";
import { longestWhy } from "@/server/domain/reference";
import type { Message } from "@/trainer/contracts/message";
import { verdictWord } from "../annotate/verdicts";
import { type PairDraft, type PairProblem, rightChoices } from "./pairDraft";

interface Props {
  draft: PairDraft;
  /** How the project asks: only what it offers can be right. */
  rules: { readonly verdictSteps: number; readonly allowBothBad: boolean };
  /** Those that are to be shown. */
  problems: readonly PairProblem[];
  onChange: (draft: PairDraft) => void;
}

/** Prompt, both answers, what is right and why. A conversation of several turns, taken from an item, is shown as it is. */
export function ReferencePairFields({ draft, rules, problems, onChange }: Props) {
  const t = useTranslations("guidelines.pair");
  const words = useTranslations("annotate");
  const missing = (part: PairProblem) => (problems.includes(part) ? t(`missing.${part}`) : undefined);
  const text = (part: "prompt" | "a" | "b", label: string, rows: number) => (
    <TextPart
      label={label}
      error={missing(part)}
      rows={rows}
      messages={draft[part]}
      onChange={(messages) => onChange({ ...draft, [part]: messages })}
    />
  );
  const choices = rightChoices(rules.verdictSteps, rules.allowBothBad);
  // What was right on an earlier scale stays readable.
  const all = draft.right === null || choices.includes(draft.right) ? choices : [...choices, draft.right];
  return (
    <div className="flex flex-col gap-4">
      {text("prompt", words("prompt"), 3)}
      <div className="grid gap-4 md:grid-cols-2">
        {text("a", words("left"), 5)}
        {text("b", words("right"), 5)}
      </div>
      <Field label={t("right")} error={missing("right")}>
        <Select
          value={draft.right}
          placeholder={t("choose")}
          onChange={(right) => onChange({ ...draft, right })}
          items={all.map((value) => ({
            value,
            label: words(`words.${verdictWord(value === "bad" ? "bad" : Number(value))}`),
            disabled: !choices.includes(value),
          }))}
          className="max-w-72"
        />
      </Field>
      <Field label={t("why")} hint={t("whyHint")} error={missing("why")}>
        <Textarea
          rows={3}
          maxLength={longestWhy}
          value={draft.why}
          onChange={(event) => onChange({ ...draft, why: event.target.value })}
        />
      </Field>
    </div>
  );
}

interface TextPartProps {
  label: string;
  error: string | undefined;
  rows: number;
  messages: readonly Message[];
  onChange: (messages: Message[]) => void;
}

function TextPart({ label, error, rows, messages, onChange }: TextPartProps) {
  const [only, ...others] = messages;
  if (only && others.length === 0) {
    return (
      <Field label={label} error={error}>
        <Textarea
          rows={rows}
          dir="auto"
          value={only.content}
          onChange={(event) => onChange([{ ...only, content: event.target.value }])}
        />
      </Field>
    );
  }
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <p className="font-medium">{label}</p>
      <Messages messages={messages} className="max-h-72 overflow-y-auto rounded-md border border-line bg-canvas p-3" />
    </div>
  );
}
