"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Table, Td, Th } from "@/app/_ui/Table";

/** Who has read which version, and when. */
export function ReadersTab({ projectId }: { projectId: string }) {
  const t = useTranslations("guidelines.readers");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const list = useQuery(trpc.guidelines.readers.queryOptions({ projectId }));
  if (list.isPending) return <SkeletonRows rows={6} />;
  if (list.isError) return <ErrorNote error={list.error} onRetry={() => void list.refetch()} />;
  const { version, people } = list.data;
  const read = people.filter(({ readings }) => (readings[0]?.version ?? 0) >= version).length;
  return (
    <Card
      flush
      title={t("title")}
      description={version === 0 ? t("nothing") : t("lead", { version, read, people: people.length })}
    >
      <Table label={t("title")}>
        <thead>
          <tr>
            <Th>{t("person")}</Th>
            <Th>{t("newest")}</Th>
            <Th>{t("earlier")}</Th>
          </tr>
        </thead>
        <tbody>
          {people.map(({ userId, name, role, readings: [newest, ...earlier] }) => (
            <tr key={userId}>
              <Td className="min-w-36">
                <span className="block font-medium break-words">{name}</span>
                <span className="block text-[13px] text-muted">{common(`projectRole.${role}`)}</span>
              </Td>
              <Td className="whitespace-nowrap">
                {newest ? (
                  <span className="flex flex-wrap items-center gap-x-2">
                    {t("version", { version: newest.version })}
                    {newest.version < version ? <Badge tone="warn">{t("behind")}</Badge> : null}
                    <span className="text-[13px] text-muted">
                      <RelativeTime date={newest.readAt} />
                    </span>
                  </span>
                ) : (
                  <span className="text-muted">{version === 0 ? common("none") : t("notYet")}</span>
                )}
              </Td>
              <Td className="text-[13px] text-muted">
                {earlier.map(({ version: old, readAt }) => (
                  <span key={old} className="mr-3 inline-block whitespace-nowrap">
                    {t("version", { version: old })}, <RelativeTime date={readAt} />
                  </span>
                ))}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
