"use client";
import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Table, Td, Th } from "@/app/_ui/Table";
import { ImportStateBadge } from "./ImportStateBadge";

const counts = ["added", "known", "votes", "refused"] as const;

/** Every file that came in, also those that wait for a decision or stopped half-way. */
export function EarlierImports({ projectId }: { projectId: string }) {
  const t = useTranslations("imports");
  const format = useFormatter();
  const trpc = useTRPC();
  const list = useQuery(trpc.imports.list.queryOptions({ projectId }));
  if (list.isError && !list.data) return <ErrorNote error={list.error} onRetry={() => list.refetch()} />;
  return (
    <Card flush title={t("history.title")}>
      {list.isPending ? (
        <SkeletonRows rows={3} />
      ) : list.data.imports.length === 0 ? (
        <p className="px-4 py-6 text-muted sm:px-5">{t("history.empty")}</p>
      ) : (
        <Table label={t("history.title")}>
          <thead>
            <tr>
              <Th className="w-full">{t("history.file")}</Th>
              <Th className="max-sm:hidden">{t("history.state")}</Th>
              {counts.map((count) => (
                <Th key={count} className="text-end max-lg:hidden">
                  {t(`history.${count}`)}
                </Th>
              ))}
              <Th>{t("history.when")}</Th>
            </tr>
          </thead>
          <tbody>
            {list.data.imports.map((row) => {
              const numbers = {
                added: row.itemsAdded,
                known: row.itemsKnown,
                votes: row.judgementsAdded,
                refused: row.rowsRefused,
              };
              return (
                <tr key={row.id} className="relative hover:bg-sunken">
                  <Td className="min-w-36">
                    <Link
                      href={`/projects/${projectId}/import/${row.id}`}
                      className="font-medium [overflow-wrap:anywhere] after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
                    >
                      {row.fileName}
                    </Link>
                    <span className="mt-1.5 block sm:hidden">
                      <ImportStateBadge state={row.state} />
                    </span>
                  </Td>
                  <Td className="max-sm:hidden">
                    <ImportStateBadge state={row.state} />
                  </Td>
                  {counts.map((count) => (
                    <Td key={count} className="tabular text-end max-lg:hidden">
                      {row.state === "uploaded" ? "–" : format.number(numbers[count])}
                    </Td>
                  ))}
                  <Td className="whitespace-nowrap text-muted">
                    <RelativeTime date={row.createdAt} />
                  </Td>
                </tr>
              );
            })}
          </tbody>
        </Table>
      )}
    </Card>
  );
}
