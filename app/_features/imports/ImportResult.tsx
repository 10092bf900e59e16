"use client";
import { useFormatter, useTranslations } from "next-intl";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Card } from "@/app/_ui/Card";
import { Stat } from "@/app/_ui/Stat";
import type { ImportDetail } from "./importTypes";
import { ProblemsCard } from "./ProblemsCard";

/** What an import did, and the way on. */
export function ImportResult({ projectId, result }: { projectId: string; result: ImportDetail }) {
  const t = useTranslations("imports");
  const format = useFormatter();
  const stats = [
    ...(result.responsesAdded > 0
      ? ([["responses", result.responsesAdded]] as const)
      : ([["added", result.itemsAdded]] as const)),
    ["known", result.itemsKnown],
    ...(result.responsesAdded > 0 ? [] : ([["votes", result.judgementsAdded]] as const)),
    ["refused", result.rowsRefused],
  ] as const;
  const base = `/projects/${projectId}`;
  return (
    <div className="flex flex-col gap-6">
      <p role="status" className="text-[15px] font-medium">
        {result.responsesAdded > 0
          ? t("result.doneResponses", { added: result.responsesAdded })
          : t("result.done", { added: result.itemsAdded })}
      </p>
      <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
        {stats.map(([key, value]) => (
          <Stat key={key} label={t(`result.${key}Label`)} value={format.number(value)} hint={t(`result.${key}Hint`)} />
        ))}
      </dl>
      <Card
        title={t("result.next")}
        description={t(result.responsesAdded > 0 ? "result.nextResponses" : "result.nextBody")}
      >
        <div className="flex flex-wrap gap-2">
          <ButtonLink variant="primary" href={`${base}/people`}>
            {t("result.invite")}
          </ButtonLink>
          <ButtonLink href={`${base}/compare`}>{t("result.compare")}</ButtonLink>
          <ButtonLink href={`${base}/items`}>{t("result.items")}</ButtonLink>
          <ButtonLink variant="ghost" href={`${base}/import`}>
            {t("result.again")}
          </ButtonLink>
        </div>
      </Card>
      {result.rowsRefused > 0 ? (
        <ProblemsCard
          title={t("problems.titleDone")}
          problems={result.problems}
          count={result.rowsRefused}
          format={result.format}
          download={`/api/import/${projectId}/${result.id}/problems`}
        />
      ) : null}
    </div>
  );
}
