"use client";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { RuleLabelsBadge } from "@/app/_features/demo/RuleLabels";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Table, Td, Th } from "@/app/_ui/Table";
import { Tooltip } from "@/app/_ui/Tooltip";
import type { SnapshotRow } from "./datasetTypes";
import { excludedTotal } from "./exclusions";

export function SnapshotsTable({ projectId, snapshots }: { projectId: string; snapshots: readonly SnapshotRow[] }) {
  const t = useTranslations("datasets");
  const format = useFormatter();
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <Th className="w-full">{t("column.snapshot")}</Th>
          <Th className="text-end">{t("column.pairs")}</Th>
          <Th className="text-end max-md:hidden">{t("column.prompts")}</Th>
          <Th className="text-end max-md:hidden">{t("column.judgements")}</Th>
          <Th className="text-end max-lg:hidden">{t("column.excluded")}</Th>
          <Th className="text-end max-sm:hidden">{t("column.runs")}</Th>
          <Th className="max-lg:hidden">{t("column.hash")}</Th>
          <Th className="max-sm:hidden">{t("column.created")}</Th>
        </tr>
      </thead>
      <tbody>
        {snapshots.map((snapshot) => (
          <tr key={snapshot.id} className="relative hover:bg-sunken">
            <Td className="min-w-32">
              <Link
                href={`/projects/${projectId}/datasets/${snapshot.id}`}
                className="tabular font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
              >
                {t("number", { number: snapshot.number })}
              </Link>{" "}
              <RuleLabelsBadge {...snapshot} />
              {snapshot.note ? (
                <p className="line-clamp-1 text-[13px] text-muted [overflow-wrap:anywhere]">{snapshot.note}</p>
              ) : null}
              <p className="text-[13px] text-muted sm:hidden">
                <RelativeTime date={snapshot.createdAt} />
              </p>
            </Td>
            <Td className="tabular text-end whitespace-nowrap">
              <span className="sr-only">
                {t("pairsLabel", { train: snapshot.trainPairs, test: snapshot.testPairs })}
              </span>
              <span aria-hidden>{t("pairs", { train: snapshot.trainPairs, test: snapshot.testPairs })}</span>
            </Td>
            <Td className="tabular text-end max-md:hidden">{format.number(snapshot.prompts)}</Td>
            <Td className="tabular text-end max-md:hidden">{format.number(snapshot.judgements)}</Td>
            <Td className="tabular text-end max-lg:hidden">{format.number(excludedTotal(snapshot.excluded))}</Td>
            <Td className="tabular text-end max-sm:hidden">{format.number(snapshot.runs)}</Td>
            <Td className="max-lg:hidden">
              <Tooltip text={t("hashHint")}>
                <code className="relative font-mono text-[13px]">{snapshot.contentHash.slice(0, 8)}</code>
              </Tooltip>
            </Td>
            <Td className="whitespace-nowrap text-muted max-sm:hidden">
              <RelativeTime date={snapshot.createdAt} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
