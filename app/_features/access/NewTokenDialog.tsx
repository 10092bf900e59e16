"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { MakeDialog } from "@/app/_ui/MakeDialog";
import { Select } from "@/app/_ui/Select";
import { type ApiScope, apiScopes } from "@/server/domain/api/scopes";
import { Choices } from "./Choices";

const lifetimes = ["7", "30", "90", "365"] as const;
interface Form {
  readonly name: string;
  readonly scopes: ApiScope[];
  readonly days: (typeof lifetimes)[number];
}
const fresh: Form = { name: "", scopes: ["read"], days: "90" };

/** Makes a token. It is shown this once: the server keeps only a fingerprint of it. */
export function NewTokenDialog(props: { projectId: string; open: boolean; onOpenChange: (open: boolean) => void }) {
  const { projectId, open, onOpenChange } = props;
  const t = useTranslations("access.tokens");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [value, setValue] = useState(fresh);
  const [tried, setTried] = useState(false);
  const create = useMutation(
    trpc.tokens.create.mutationOptions({ onSuccess: () => queries.invalidateQueries(trpc.tokens.pathFilter()) }),
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
          ? { title: t("readyTitle"), lead: t("readyLead"), label: t("value"), value: create.data.token }
          : null
      }
      onSubmit={() => {
        setTried(true);
        const { name, scopes, days } = value;
        if (scopes.length > 0) create.mutate({ projectId, name: name.trim(), scopes, days: Number(days) });
      }}
    >
      <Field label={t("name")} hint={t("nameHint")}>
        <Input
          required
          maxLength={100}
          pattern=".*\S.*"
          value={value.name}
          onChange={(event) => setValue({ ...value, name: event.target.value })}
        />
      </Field>
      <Choices
        label={t("scopes")}
        choices={apiScopes.map((scope) => ({ value: scope, label: t(`scope.${scope}`) }))}
        chosen={value.scopes}
        onChange={(scopes) => setValue({ ...value, scopes })}
        error={tried && value.scopes.length === 0 ? t("needsScope") : undefined}
      />
      <Field label={t("days")}>
        <Select
          value={value.days}
          onChange={(days) => setValue({ ...value, days })}
          items={lifetimes.map((days) => ({ value: days, label: t("daysOf", { days: Number(days) }) }))}
          className="max-w-40"
        />
      </Field>
    </MakeDialog>
  );
}
