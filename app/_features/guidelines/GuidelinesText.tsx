"use client";
import { useTranslations } from "next-intl";
import { SafeMarkdown } from "@/app/_ui/SafeMarkdown";
import { type Guidelines, saysSomething } from "@/server/domain/reference";
import { ReferencePairView } from "./ReferencePairView";

/** Guidelines as people read them: the text, then the worked examples. */
export function GuidelinesText({ guidelines }: { guidelines: Pick<Guidelines, "text" | "examples"> | null }) {
  const t = useTranslations("guidelines");
  if (!guidelines || !saysSomething(guidelines)) return <p className="text-muted">{t("none")}</p>;
  const { text, examples } = guidelines;
  return (
    <div className="flex flex-col gap-6">
      {text.trim() ? <SafeMarkdown>{text}</SafeMarkdown> : null}
      {examples.length > 0 ? (
        <section className="flex flex-col gap-3">
          <h2 className="text-[15px] font-semibold">{t("example.title", { count: examples.length })}</h2>
          {examples.map((pair, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the examples of a version never move
            <ReferencePairView key={at} pair={pair} />
          ))}
        </section>
      ) : null}
    </div>
  );
}
