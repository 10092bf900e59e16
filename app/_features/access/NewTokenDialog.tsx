"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { CopyField } from "@/app/_ui/CopyField";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
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
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const form = useId();
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
  if (create.data)
    return (
      <Dialog
        open={open}
        onOpenChange={close}
        title={t("readyTitle")}
        description={t("readyLead")}
        footer={<Button onClick={() => close(false)}>{common("close")}</Button>}
      >
        <CopyField label={t("value")} value={create.data.token} />
      </Dialog>
    );
  return (
    <Dialog
      open={open}
      onOpenChange={close}
      title={t("new")}
      footer={
        <>
          <Button onClick={() => close(false)}>{common("cancel")}</Button>
          <Button type="submit" form={form} variant="primary" pending={create.isPending}>
            {t("make")}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
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
        {create.error ? <ErrorNote error={create.error} /> : null}
      </form>
    </Dialog>
  );
}
