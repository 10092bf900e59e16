"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { MakeDialog } from "@/app/_ui/MakeDialog";
import { Select } from "@/app/_ui/Select";

interface Props {
  projectId: string;
  mayInviteAdmins: boolean;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

const lifetimes = ["1", "7", "14", "30", "never"] as const;
type Lifetime = (typeof lifetimes)[number];
const fresh = { role: "annotator" as "annotator" | "admin", label: "", maxUses: "", lifetime: "14" as Lifetime };

/** Makes an invite link. It is shown this once: the server keeps only a fingerprint of it. */
export function NewInviteDialog({ projectId, mayInviteAdmins, open, onOpenChange }: Props) {
  const t = useTranslations("people");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [value, setValue] = useState(fresh);
  const create = useMutation(
    trpc.invites.create.mutationOptions({
      onSuccess: () => queries.invalidateQueries(trpc.invites.list.queryFilter({ projectId })),
    }),
  );
  const close = (next: boolean) => {
    onOpenChange(next);
    if (next) return;
    create.reset();
    setValue(fresh);
  };
  return (
    <MakeDialog
      open={open}
      onOpenChange={close}
      title={t("invite.newTitle")}
      description={t("invite.newLead")}
      make={t("invite.make")}
      pending={create.isPending}
      error={create.error}
      made={
        create.data
          ? {
              title: t("invite.readyTitle"),
              lead: t("invite.readyLead"),
              label: t("invite.link"),
              value: create.data.url,
            }
          : null
      }
      onSubmit={() => {
        create.mutate({
          projectId,
          role: value.role,
          label: value.label.trim(),
          maxUses: value.maxUses === "" ? null : Number(value.maxUses),
          expiresInDays: value.lifetime === "never" ? null : Number(value.lifetime),
        });
      }}
    >
      {mayInviteAdmins ? (
        <Field label={t("invite.role")} hint={t(`roleHints.${value.role}`)}>
          <Select
            value={value.role}
            onChange={(role) => setValue({ ...value, role })}
            items={(["annotator", "admin"] as const).map((role) => ({
              value: role,
              label: common(`projectRole.${role}`),
            }))}
          />
        </Field>
      ) : null}
      <Field label={t("invite.label")} optional={common("optional")} hint={t("invite.labelHint")}>
        <Input
          maxLength={100}
          value={value.label}
          onChange={(event) => setValue({ ...value, label: event.target.value })}
        />
      </Field>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("invite.maxUses")} hint={t("invite.maxUsesHint")}>
          <Input
            type="number"
            inputMode="numeric"
            min={1}
            max={10_000}
            value={value.maxUses}
            onChange={(event) => setValue({ ...value, maxUses: event.target.value })}
          />
        </Field>
        <Field label={t("invite.lifetime")}>
          <Select
            value={value.lifetime}
            onChange={(lifetime) => setValue({ ...value, lifetime })}
            items={lifetimes.map((days) => ({
              value: days,
              label: days === "never" ? t("invite.noExpiry") : t("invite.days", { days: Number(days) }),
            }))}
          />
        </Field>
      </div>
    </MakeDialog>
  );
}
