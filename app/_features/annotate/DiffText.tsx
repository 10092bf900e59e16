"use client";
import { useTranslations } from "next-intl";
import type { DiffPart } from "./wordDiff";

/** An answer as it was written, with the words marked that the other one does not have. */
export function DiffText({ parts }: { parts: readonly DiffPart[] }) {
  const t = useTranslations("annotate.diff");
  return (
    <div className="prose">
      <p className="text-[13px] leading-5 text-muted">{t(parts.some(({ only }) => only) ? "legend" : "same")}</p>
      <p dir="auto" className="[unicode-bidi:plaintext] whitespace-pre-wrap!">
        {parts.map(({ text, only }, i) =>
          only ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: stretches of a text that does not change
            <mark key={i} className="differs">
              {text}
            </mark>
          ) : (
            text
          ),
        )}
      </p>
    </div>
  );
}
