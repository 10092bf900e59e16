"use client";
import { useTranslations } from "next-intl";
import { storedRule } from "./ruleForm";
import { ruleWords } from "./ruleWords";

/** How a snapshot made pairs of votes, a sentence a rule. */
export function SnapshotRule({ rule: stored }: { rule: Readonly<Record<string, unknown>> | null }) {
  const t = useTranslations("datasets.words");
  const rule = stored && storedRule(stored);
  if (!rule) return <p>{t("unreadable")}</p>;
  return (
    <ol className="list-decimal space-y-1.5 pl-5">
      {ruleWords(rule).map(({ key, values }) => (
        <li key={key}>{t(key, values as never)}</li>
      ))}
    </ol>
  );
}
