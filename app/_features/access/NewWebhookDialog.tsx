"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { MakeDialog } from "@/app/_ui/MakeDialog";
import { type WebhookEventType, webhookEventTypes } from "@/server/domain/webhooks";
import { Choices } from "./Choices";
import { useEventWords } from "./eventWords";

const fresh: { readonly url: string; readonly events: WebhookEventType[] } = {
  url: "",
  events: [...webhookEventTypes],
};

/** Adds a webhook and shows the secret that its receiver needs. */
export function NewWebhookDialog(props: { projectId: string; open: boolean; onOpenChange: (open: boolean) => void }) {
  const { projectId, open, onOpenChange } = props;
  const t = useTranslations("access.webhooks");
  const words = useEventWords();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [value, setValue] = useState(fresh);
  const [tried, setTried] = useState(false);
  const create = useMutation(
    trpc.webhooks.create.mutationOptions({ onSuccess: () => queries.invalidateQueries(trpc.webhooks.pathFilter()) }),
  );
  const close = (next: boolean) => {
    onOpenChange(next);
    if (next) return;
    create.reset();
    setValue(fresh);
    setTried(false);
  };
  return (
    <MakeDialog
      open={open}
      onOpenChange={close}
      title={t("new")}
      make={t("make")}
      pending={create.isPending}
      error={create.error}
      made={
        create.data
          ? { title: t("readyTitle"), lead: t("readyLead"), label: t("secret"), value: create.data.secret }
          : null
      }
      onSubmit={() => {
        setTried(true);
        if (value.events.length > 0) create.mutate({ projectId, url: value.url.trim(), events: value.events });
      }}
    >
      <Field label={t("url")} hint={t("urlHint")}>
        <Input
          required
          type="url"
          pattern="https?://.+"
          maxLength={2_000}
          placeholder="https://example.org/hooks/tiebreak"
          value={value.url}
          onChange={(event) => setValue({ ...value, url: event.target.value })}
        />
      </Field>
      <Choices
        label={t("events")}
        choices={webhookEventTypes.map((type) => ({ value: type, label: words(type) }))}
        chosen={value.events}
        onChange={(events) => setValue({ ...value, events })}
        error={tried && value.events.length === 0 ? t("needsEvent") : undefined}
      />
    </MakeDialog>
  );
}
