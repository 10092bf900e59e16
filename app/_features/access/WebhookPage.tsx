"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Eye, Send, Trash2 } from "lucide-react";
import { useRouter } from "next/navigation";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ConfirmDialog } from "@/app/_ui/ConfirmDialog";
import { CopyField } from "@/app/_ui/CopyField";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { useErrorText } from "@/app/_ui/errorText";
import { Page } from "@/app/_ui/Page";
import { PageHeader } from "@/app/_ui/PageHeader";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Skeleton } from "@/app/_ui/Skeleton";
import { Switch } from "@/app/_ui/Switch";
import { useToast } from "@/app/_ui/Toast";
import { DeliveryLog } from "./DeliveryLog";
import { useEventWords } from "./eventWords";

const lookAgainMs = 3_000;

/** One webhook: whether it is on, its secret, and the log of what it was told. */
export function WebhookPage({ projectId, webhookId }: { projectId: string; webhookId: string }) {
  const t = useTranslations("access.webhook");
  const words = useEventWords();
  const format = useFormatter();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const say = useErrorText();
  const [removing, setRemoving] = useState(false);
  const which = { projectId, webhookId };
  const log = useQuery(
    trpc.webhooks.deliveries.queryOptions(which, {
      // While something waits to be sent.
      refetchInterval: ({ state }) =>
        state.data?.deliveries.some((one) => one.state === "pending") ? lookAgainMs : false,
    }),
  );
  const changed = {
    onSuccess: () => queries.invalidateQueries(trpc.webhooks.pathFilter()),
    onError: (error: unknown) => void toast.show({ title: say(error), tone: "danger" }),
  };
  const update = useMutation(trpc.webhooks.update.mutationOptions(changed));
  const secret = useMutation(trpc.webhooks.secret.mutationOptions({ onError: changed.onError }));
  const test = useMutation(
    trpc.webhooks.test.mutationOptions({
      onSuccess: () => {
        toast.show({ title: t("tested") });
        return changed.onSuccess();
      },
      onError: changed.onError,
    }),
  );
  const remove = useMutation(
    trpc.webhooks.remove.mutationOptions({
      onSuccess: async () => {
        router.push(`/projects/${projectId}/settings`);
        await queries.invalidateQueries(trpc.webhooks.list.queryFilter({ projectId }));
      },
    }),
  );
  const webhook = log.data?.webhook;
  return (
    <Page>
      <PageHeader
        back={{ href: `/projects/${projectId}/settings`, label: t("back") }}
        title={t("title")}
        description={webhook ? <span className="break-all">{webhook.url}</span> : undefined}
        actions={
          webhook ? (
            <>
              <Button icon={<Trash2 aria-hidden className="size-4" />} onClick={() => setRemoving(true)}>
                {t("remove")}
              </Button>
              <Button
                variant="primary"
                icon={<Send aria-hidden className="size-4" />}
                disabled={webhook.disabledAt !== null}
                pending={test.isPending}
                onClick={() => test.mutate(which)}
              >
                {t("test")}
              </Button>
            </>
          ) : null
        }
      />
      {webhook && log.data ? (
        <div className="flex flex-col gap-4">
          <Card>
            <div className="flex flex-col gap-4">
              <p>{format.list(webhook.events.map(words))}</p>
              <Switch
                checked={webhook.disabledAt === null}
                disabled={update.isPending}
                onChange={(enabled) => update.mutate({ ...which, enabled })}
                label={t("on")}
                hint={t("onHint")}
              />
              {webhook.disabledReason ? (
                <p role="status" className="rounded-md border border-warn/40 bg-warn-soft p-3">
                  {t(`offBecause.${webhook.disabledReason}`)}
                </p>
              ) : webhook.failingSince ? (
                <p role="status" className="rounded-md border border-warn/40 bg-warn-soft p-3">
                  {t.rich("failingSince", { when: () => <RelativeTime date={webhook.failingSince ?? new Date()} /> })}
                </p>
              ) : null}
              {secret.data ? (
                <CopyField label={t("showSecret")} value={secret.data.secret} />
              ) : (
                <div>
                  <Button
                    icon={<Eye aria-hidden className="size-4" />}
                    pending={secret.isPending}
                    onClick={() => secret.mutate(which)}
                  >
                    {t("showSecret")}
                  </Button>
                </div>
              )}
            </div>
          </Card>
          <DeliveryLog projectId={projectId} webhook={webhook} deliveries={log.data.deliveries} />
        </div>
      ) : log.error ? (
        <ErrorNote error={log.error} onRetry={() => log.refetch()} />
      ) : (
        <div className="flex flex-col gap-4">
          <Skeleton className="h-40" />
          <Skeleton className="h-80" />
        </div>
      )}
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={t("removeTitle")}
        confirmLabel={t("remove")}
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(which)}
      >
        {t("removeText")}
      </ConfirmDialog>
    </Page>
  );
}
