"use client";
import { useQuery } from "@tanstack/react-query";
import { BookOpen } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Table, Td, Th } from "@/app/_ui/Table";
import { VersionDialog } from "./VersionDialog";

/** Every published version, newest first, to be read and compared. */
export function VersionsTab({ projectId, onWrite }: { projectId: string; onWrite: () => void }) {
  const t = useTranslations("guidelines");
  const trpc = useTRPC();
  const [shown, setShown] = useState<number | null>(null);
  const list = useQuery(trpc.guidelines.list.queryOptions({ projectId }));
  if (list.isPending) return <SkeletonRows rows={4} />;
  if (list.isError) return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  const { versions } = list.data;
  if (versions.length === 0) {
    return (
      <EmptyState
        icon={<BookOpen />}
        title={t("versions.empty")}
        action={
          <Button variant="primary" onClick={onWrite}>
            {t("versions.write")}
          </Button>
        }
      >
        {t("versions.emptyText")}
      </EmptyState>
    );
  }
  return (
    <Card flush title={t("versions.title")} description={t("versions.lead")}>
      <Table label={t("versions.title")}>
        <thead>
          <tr>
            <Th>{t("versions.version")}</Th>
            <Th>{t("versions.change")}</Th>
            <Th>{t("versions.published")}</Th>
            <Th className="text-end">{t("versions.read")}</Th>
            <Th>
              <span className="sr-only">{t("versions.show")}</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {versions.map((row, at) => (
            <tr key={row.version}>
              <Td className="tabular whitespace-nowrap">
                {row.version} {at === 0 ? <Badge tone="accent">{t("versions.inForce")}</Badge> : null}
              </Td>
              <Td className="min-w-48 [overflow-wrap:anywhere]">
                {row.change ? (
                  <span dir="auto">{row.change}</span>
                ) : (
                  <span className="text-muted">{t("versions.noNote")}</span>
                )}
                <span className="block text-[13px] text-muted">{t("versions.examples", { count: row.examples })}</span>
              </Td>
              <Td className="whitespace-nowrap">
                <RelativeTime date={row.publishedAt} />
                {row.publishedBy ? <span className="block text-[13px] text-muted">{row.publishedBy}</span> : null}
              </Td>
              <Td className="tabular text-end whitespace-nowrap">
                {t("versions.readBy", { readers: row.readers, members: row.members })}
              </Td>
              <Td className="w-px text-end">
                <Button
                  size="sm"
                  aria-label={t("versions.showVersion", { version: row.version })}
                  onClick={() => setShown(row.version)}
                >
                  {t("versions.show")}
                </Button>
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <VersionDialog
        projectId={projectId}
        version={shown}
        versions={versions.map(({ version }) => version)}
        onClose={() => setShown(null)}
      />
    </Card>
  );
}
