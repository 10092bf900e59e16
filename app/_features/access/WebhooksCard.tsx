"use client";
import { useQuery } from "@tanstack/react-query";
import { Plus, Webhook } from "lucide-react";
import Link from "next/link";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { EmptyState } from "@/app/_ui/EmptyState";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { SkeletonRows } from "@/app/_ui/SkeletonRows";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { WebhookRow } from "./accessTypes";
import { useEventWords } from "./eventWords";
import { NewWebhookDialog } from "./NewWebhookDialog";

const tones = { on: "good", failing: "warn", off: "neutral" } as const;
const stateOf = ({ disabledAt, failingSince }: WebhookRow): keyof typeof tones =>
  disabledAt ? "off" : failingSince ? "failing" : "on";

/** The addresses that are told what happens in the project. */
export function WebhooksCard({ projectId }: { projectId: string }) {
  const t = useTranslations("access.webhooks");
  const trpc = useTRPC();
  const list = useQuery(trpc.webhooks.list.queryOptions({ projectId }));
  const [making, setMaking] = useState(false);
  const webhooks = list.data?.webhooks;
  const button = (
    <Button icon={<Plus aria-hidden className="size-4" />} onClick={() => setMaking(true)}>
      {t("new")}
    </Button>
  );
  return (
    <Card
      title={t("title")}
      description={
        <>
          {t("lead")} {list.data && !list.data.privateAllowed ? t("private") : null}
        </>
      }
      actions={webhooks && webhooks.length > 0 ? button : null}
      flush
    >
      {webhooks && webhooks.length > 0 ? (
        <WebhookTable projectId={projectId} webhooks={webhooks} />
      ) : webhooks ? (
        <div className="p-4 sm:p-5">
          <EmptyState icon={<Webhook />} title={t("emptyTitle")} action={button}>
            {t("emptyText")}
          </EmptyState>
        </div>
      ) : list.error ? (
        <ErrorNote error={list.error} onRetry={() => list.refetch()} className="m-4" />
      ) : (
        <SkeletonRows rows={2} />
      )}
      <NewWebhookDialog projectId={projectId} open={making} onOpenChange={setMaking} />
    </Card>
  );
}

function WebhookTable({ projectId, webhooks }: { projectId: string; webhooks: readonly WebhookRow[] }) {
  const t = useTranslations("access.webhooks");
  const words = useEventWords();
  const format = useFormatter();
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <Th className="w-full">{t("url")}</Th>
          <Th>{t("events")}</Th>
          <Th>{t("state")}</Th>
        </tr>
      </thead>
      <tbody>
        {webhooks.map((row) => (
          <tr key={row.id}>
            <Td className="min-w-48">
              <Link
                href={`/projects/${projectId}/settings/webhooks/${row.id}`}
                className="font-medium break-all text-accent underline underline-offset-2"
              >
                {row.url}
              </Link>
              <span className="block text-[13px] text-muted">{t("pending", { count: row.pending })}</span>
            </Td>
            <Td className="min-w-48">{format.list(row.events.map(words))}</Td>
            <Td>
              <Badge tone={tones[stateOf(row)]}>{t(`states.${stateOf(row)}`)}</Badge>
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
