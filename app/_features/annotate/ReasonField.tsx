"use client";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useId, useRef } from "react";
import { Button } from "@/app/_ui/Button";
import { Textarea } from "@/app/_ui/Textarea";
import { ChoicePanel } from "./ChoicePanel";
import { type Verdict, verdictWord } from "./verdicts";

interface Props {
  text: string;
  /** Reasons to choose from; none means that people write their own. */
  choices: readonly string[];
  /** The verdict that goes with it once it is written. */
  pending: Verdict | null;
  onWrite: (text: string) => void;
  onChoose: (reason: string) => void;
  onEnter: () => void;
  onClose: () => void;
}

/** A reason, written or chosen. */
export function ReasonField({ choices, onChoose, ...rest }: Props) {
  const t = useTranslations("annotate");
  const { text, pending, onClose } = rest;
  if (choices.length === 0) return <FreeReason {...rest} />;
  return (
    <ChoicePanel
      title={pending === null ? t("reasonLabel") : t("reasonWanted", { verdict: t(`words.${verdictWord(pending)}`) })}
      choices={choices}
      chosen={text}
      onChoose={(at) => onChoose(choices[at] ?? "")}
      onClose={onClose}
    />
  );
}

/** Enter ends it; in the middle of composing a Chinese word Enter belongs to the input method. */
function FreeReason({ text, pending, onWrite, onEnter, onClose }: Omit<Props, "choices" | "onChoose">) {
  const t = useTranslations("annotate");
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  // A verdict may wait for a reason that is already open: the cursor goes there again.
  // biome-ignore lint/correctness/useExhaustiveDependencies: focus whenever a verdict begins to wait
  useEffect(() => field.current?.focus(), [pending]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      onEnter();
    } else if (event.key === "Escape") {
      event.preventDefault();
      onClose();
    }
  };
  return (
    <div className="mx-auto flex w-full max-w-[1100px] flex-col gap-1 pb-2">
      <label htmlFor={id} className="text-[13px] font-medium">
        {pending === null ? t("reasonLabel") : t("reasonWanted", { verdict: t(`words.${verdictWord(pending)}`) })}
      </label>
      <div className="flex items-end gap-2">
        <Textarea
          id={id}
          ref={field}
          rows={2}
          maxLength={10_000}
          value={text}
          onChange={(event) => onWrite(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <Button variant={pending === null ? "secondary" : "primary"} onClick={onEnter}>
          {pending === null ? t("reasonKeep") : t("reasonSend")}
        </Button>
      </div>
      <p className="text-[12px] text-muted pointer-coarse:hidden">{t("reasonHelp")}</p>
    </div>
  );
}
