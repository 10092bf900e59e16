"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_ui/Button";
import { Field } from "@/app/_ui/Field";
import { Kbd } from "@/app/_ui/Kbd";
import { Textarea } from "@/app/_ui/Textarea";
import { type ProblemKind, problemKinds, type SkipReason, skipReasons } from "@/server/domain/judging";
import { ChoicePanel } from "./ChoicePanel";
import type { Asking } from "./useReading";

interface Props {
  asking: Asking;
  note: string;
  onNote: (note: string) => void;
  onSkip: (reason: SkipReason | null) => void;
  onReport: (problem: ProblemKind) => void;
  onClose: () => void;
}

/** How many numbered choices each question has. */
export const choicesOf = (asking: Asking | null): number =>
  asking === "skip" ? skipReasons.length : asking === "report" ? problemKinds.length : 0;

/** Why a pair is skipped, or what is wrong with it. */
export function AskingPanel({ asking, note, onNote, onSkip, onReport, onClose }: Props) {
  const t = useTranslations("annotate");
  if (asking === "skip") {
    return (
      <ChoicePanel
        title={t("skipping.title")}
        choices={skipReasons.map((reason) => t(`skipping.reasons.${reason}`))}
        onChoose={(at) => onSkip(skipReasons[at] ?? null)}
        onClose={onClose}
        instead={
          <Button onClick={() => onSkip(null)} aria-keyshortcuts="s">
            {t("skipping.without")}
            <span aria-hidden className="pointer-coarse:hidden">
              <Kbd>s</Kbd>
            </span>
          </Button>
        }
      />
    );
  }
  return (
    <ChoicePanel
      title={t("reporting.title")}
      choices={problemKinds.map((kind) => t(`reporting.kinds.${kind}`))}
      onChoose={(at) => onReport(problemKinds[at] ?? "other")}
      onClose={onClose}
    >
      <Field label={t("reporting.note")} optional={t("reporting.optional")} hint={t("reporting.hint")}>
        <Textarea rows={2} maxLength={2_000} value={note} onChange={(event) => onNote(event.target.value)} />
      </Field>
    </ChoicePanel>
  );
}
