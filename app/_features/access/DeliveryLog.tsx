"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { RotateCw, Webhook } from "lucide-react";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Badge } from "@/app/_ui/Badge";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { Dialog } from "@/app/_ui/Dialog";
import { EmptyState } from "@/app/_ui/EmptyState";
import { useErrorText } from "@/app/_ui/errorText";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Table, Td, Th } from "@/app/_ui/Table";
import { useToast } from "@/app/_ui/Toast";
import { useLast } from "@/app/_ui/useLast";
import { CodeBlock } from "../api/CodeBlock";
import type { Delivery } from "./accessTypes";
import { useEventWords } from "./eventWords";

const tones = { pending: "accent", delivered: "good", failed: "danger" } as const;

interface Props {
  projectId: string;
  webhook: { readonly id: string; readonly disabledAt: Date | null };
  deliveries: readonly Delivery[];
}

/** What a webhook was told, how its receiver answered, and a way to tell it again. */
export function DeliveryLog({ projectId, webhook, deliveries }: Props) {
  const t = useTranslations("access.webhook");
  const words = useEventWords();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const say = useErrorText();
  const [opened, setOpened] = useState<Delivery | null>(null);
  const again = useMutation(
    trpc.webhooks.redeliver.mutationOptions({
      onSuccess: () => {
        toast.show({ title: t("queued") });
        return queries.invalidateQueries(trpc.webhooks.pathFilter());
      },
      onError: (error) => void toast.show({ title: say(error), tone: "danger" }),
    }),
  );
  return (
    <Card title={t("log")} description={t("logLead")} flush>
      {deliveries.length === 0 ? (
        <div className="p-4 sm:p-5">
          <EmptyState icon={<Webhook />} title={t("noneTitle")}>
            {t("noneText")}
          </EmptyState>
        </div>
      ) : (
        <Table label={t("log")}>
          <thead>
            <tr>
              <Th>{t("type")}</Th>
              <Th>{t("when")}</Th>
              <Th>{t("state")}</Th>
              <Th className="w-full">{t("answer")}</Th>
              <Th className="text-end">{t("attempts")}</Th>
              <Th>
                <span className="sr-only">{t("again")}</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((one) => (
              <tr key={one.id}>
                <Td className="whitespace-nowrap">
                  <button
                    type="button"
                    onClick={() => setOpened(one)}
                    className="pointer-coarse:min-h-11 font-medium text-accent underline underline-offset-2"
                  >
                    {words(one.type)}
                  </button>
                </Td>
                <Td className="whitespace-nowrap">
                  <RelativeTime date={one.createdAt} />
                </Td>
                <Td className="whitespace-nowrap">
                  <Badge tone={tones[one.state]}>{t(`states.${one.state}`)}</Badge>
                  {one.state === "pending" && one.attempts.length > 0 && one.nextAttemptAt ? (
                    <span className="block text-[13px] text-muted">
                      {t.rich("next", { when: () => <RelativeTime date={one.nextAttemptAt ?? new Date()} /> })}
                    </span>
                  ) : null}
                </Td>
                <Td className="min-w-48">
                  <Answer attempt={one.attempts.at(-1)} />
                </Td>
                <Td className="text-end">{one.attempts.length}</Td>
                <Td className="w-px bg-surface text-end max-sm:sticky max-sm:right-0">
                  {one.state !== "pending" && webhook.disabledAt === null ? (
                    <Button
                      size="sm"
                      variant="ghost"
                      className="-my-1.5"
                      icon={<RotateCw aria-hidden className="size-4" />}
                      pending={again.isPending && again.variables.deliveryId === one.id}
                      onClick={() => again.mutate({ projectId, webhookId: webhook.id, deliveryId: one.id })}
                    >
                      {t("again")}
                    </Button>
                  ) : null}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <DeliveryDialog delivery={opened} onClose={() => setOpened(null)} />
    </Card>
  );
}

function Answer({ attempt }: { attempt: Delivery["attempts"][number] | undefined }) {
  const t = useTranslations("access.webhook");
  if (!attempt) return <span className="text-muted">—</span>;
  const { status, ms, error } = attempt;
  return (
    <>
      {status === null ? null : <span className="block whitespace-nowrap">{t("status", { status, ms })}</span>}
      {error && status === null ? <span className="block text-[13px] break-words text-muted">{error}</span> : null}
    </>
  );
}

function DeliveryDialog({ delivery, onClose }: { delivery: Delivery | null; onClose: () => void }) {
  const t = useTranslations("access.webhook");
  const format = useFormatter();
  const shown = useLast(delivery);
  return (
    <Dialog
      open={delivery !== null}
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={<span className="break-all">{t("details", { id: shown?.id ?? "" })}</span>}
    >
      <h3 className="mb-1 font-medium">{t("body")}</h3>
      <CodeBlock label={t("body")} code={shown ? JSON.stringify(JSON.parse(shown.body), null, 2) : ""} />
      {shown && shown.attempts.length > 0 ? (
        <>
          <h3 className="mt-4 mb-1 font-medium">{t("history")}</h3>
          <ol className="grid gap-2">
            {shown.attempts.map((attempt) => (
              <li key={attempt.at} className="flex flex-wrap gap-x-4">
                <span className="tabular text-muted">
                  {format.dateTime(new Date(attempt.at), { dateStyle: "medium", timeStyle: "medium" })}
                </span>
                <span>
                  <Answer attempt={attempt} />
                </span>
              </li>
            ))}
          </ol>
        </>
      ) : null}
    </Dialog>
  );
}
