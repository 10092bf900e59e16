"use client";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useFormatter, useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { cx } from "@/app/_ui/cx";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Skeleton } from "@/app/_ui/Skeleton";
import { useDebounced } from "@/app/_ui/useDebounced";
import type { CombinationRule } from "@/server/domain/preference";
import { Exclusions } from "./Exclusions";
import { excludedTotal } from "./exclusions";

/** What a rule would make of the votes as they are now. `rule` is null while the form holds something that is none. */
export function RulePreview({ projectId, rule }: { projectId: string; rule: CombinationRule | null }) {
  const t = useTranslations("datasets");
  const format = useFormatter();
  const trpc = useTRPC();
  // Typing makes a new but equal object; only a rule that reads differently is asked about.
  const text = useDebounced(rule ? JSON.stringify(rule) : null, 300);
  const settled = text === null ? null : (JSON.parse(text) as CombinationRule);
  const preview = useQuery({
    ...trpc.datasets.preview.queryOptions(
      { projectId, rule: settled ?? ({} as CombinationRule) },
      { placeholderData: keepPreviousData, staleTime: 0 },
    ),
    enabled: settled !== null,
  });
  const counts = preview.data;
  const settling = rule !== null && (text !== JSON.stringify(rule) || preview.isPlaceholderData);
  if (rule === null) return <p className="text-muted">{t("preview.wrongRule")}</p>;
  if (preview.isError && !preview.isFetching)
    return <ErrorNote error={preview.error} onRetry={() => preview.refetch()} />;
  if (!counts) return <Skeleton className="h-40" />;
  const numbers = [
    ["train", counts.trainPairs],
    ["test", counts.testPairs],
    ["prompts", counts.prompts],
    ["judgements", counts.judgements],
    ...(counts.trainResponses + counts.testResponses > 0
      ? ([["responses", counts.trainResponses + counts.testResponses]] as const)
      : []),
  ] as const;
  const left = excludedTotal(counts.excluded);
  return (
    <div className={cx(settling && "opacity-60")}>
      <p role="status" className="sr-only">
        {settling ? t("preview.updating") : t("pairsLabel", { train: counts.trainPairs, test: counts.testPairs })}
      </p>
      <dl className="grid grid-cols-2 gap-x-4 gap-y-3">
        {numbers.map(([key, value]) => (
          <div key={key}>
            <dt className="text-[13px] text-muted">{t(`preview.${key}`)}</dt>
            <dd className="tabular text-lg font-semibold">{format.number(value)}</dd>
          </div>
        ))}
      </dl>
      {counts.trainPairs + counts.trainResponses === 0 ? (
        <p className="mt-3 rounded-md border border-warn/30 bg-warn-soft p-3">{t("preview.nothing")}</p>
      ) : counts.testPairs === 0 ? (
        <p className="mt-3 rounded-md border border-warn/30 bg-warn-soft p-3">{t("preview.noTest")}</p>
      ) : null}
      <h4 className="mt-4 mb-2 font-medium">
        {left === 0 ? t("exclusions.title") : t("exclusions.total", { count: left })}
      </h4>
      <Exclusions excluded={counts.excluded} pairs={counts.trainPairs + counts.testPairs} />
    </div>
  );
}
