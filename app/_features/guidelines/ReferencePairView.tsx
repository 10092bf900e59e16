"use client";
import { useTranslations } from "next-intl";
import { Messages } from "@/app/_ui/Messages";
import { SafeMarkdown } from "@/app/_ui/SafeMarkdown";
import type { ReferencePair } from "@/server/domain/reference";
import { verdictWord } from "../annotate/verdicts";

/** A worked pair: prompt, both answers, the right verdict and why. */
export function ReferencePairView({ pair }: { pair: ReferencePair }) {
  const t = useTranslations("annotate");
  const words = useTranslations("guidelines.example");
  return (
    <div className="@container overflow-hidden rounded-md border border-line bg-surface">
      <div className="border-b border-line px-4 py-3">
        <p className="mb-1 text-[13px] font-medium text-muted">{t("prompt")}</p>
        <Messages messages={pair.prompt} />
      </div>
      <div className="grid @lg:grid-cols-2 @lg:divide-x divide-line">
        {(["a", "b"] as const).map((slot) => (
          <div key={slot} className="min-w-0 border-b border-line px-4 py-3">
            <p className="mb-1 text-[13px] font-medium text-muted">{t(slot === "a" ? "left" : "right")}</p>
            <Messages messages={pair[slot]} />
          </div>
        ))}
      </div>
      <div className="bg-sunken px-4 py-3">
        <p className="font-medium">
          {words("right", { verdict: t(`words.${verdictWord(pair.bothBad ? "bad" : (pair.verdict ?? 0))}`) })}
        </p>
        <SafeMarkdown className="mt-1">{pair.why}</SafeMarkdown>
      </div>
    </div>
  );
}
