"use client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Textarea } from "@/app/_ui/Textarea";
import { useToast } from "@/app/_ui/Toast";
import { JudgingFields } from "./JudgingFields";
import { changesOf, draftOf, leaseMinutesRange, overlapRange, type ProjectSettings, problemsOf } from "./settingsDraft";
import { useUnsavedWarning } from "./useUnsavedWarning";

/** All settings of a project in one form; nothing changes before it is saved. */
export function SettingsForm({ projectId, saved }: { projectId: string; saved: ProjectSettings }) {
  const t = useTranslations("settings");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const [draft, setDraft] = useState(() => draftOf(saved));
  const change = (part: Partial<typeof draft>) => setDraft((now) => ({ ...now, ...part }));
  const problems = problemsOf(draft);
  const changes = changesOf(draft, saved);
  const dirty = Object.keys(changes).length > 0;
  useUnsavedWarning(dirty);
  const update = useMutation(
    trpc.projects.update.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries(trpc.projects.pathFilter());
        toast.show({ title: common("saved") });
      },
    }),
  );
  const text = (key: "name" | "description") => ({
    value: draft[key],
    onChange: (event: { target: { value: string } }) => change({ [key]: event.target.value }),
  });
  return (
    <form
      className="flex flex-col gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (dirty && problems.length === 0) update.mutate({ projectId, ...changes });
      }}
    >
      <Card title={t("about.title")}>
        <div className="flex max-w-2xl flex-col gap-4">
          <Field label={t("about.name")} error={problems.includes("name") ? t("about.nameMissing") : undefined}>
            <Input required maxLength={120} {...text("name")} />
          </Field>
          <Field label={t("about.description")} optional={common("optional")} hint={t("about.descriptionHint")}>
            <Textarea rows={3} maxLength={2000} {...text("description")} />
          </Field>
        </div>
      </Card>
      <Card title={t("judging.title")} description={t("judging.lead")}>
        <JudgingFields draft={draft} problems={problems} change={change} />
      </Card>
      <Card title={t("voting.title")}>
        <div className="flex max-w-2xl flex-col gap-5">
          <Field
            label={t("voting.overlap")}
            hint={t("voting.overlapHint")}
            error={problems.includes("overlap") ? t("voting.overlapWrong", overlapRange) : undefined}
          >
            <Input
              type="number"
              inputMode="numeric"
              {...overlapRange}
              value={draft.overlap}
              onChange={(event) => change({ overlap: event.target.value })}
              className="max-w-32"
            />
          </Field>
          {changes.overlap !== undefined && !problems.includes("overlap") ? (
            <p role="status" className="rounded-md border border-warn/40 bg-warn-soft p-3 text-[13px]">
              {changes.overlap > saved.overlap
                ? t("voting.overlapMore", { from: saved.overlap, to: changes.overlap })
                : t("voting.overlapLess", { from: saved.overlap, to: changes.overlap })}
            </p>
          ) : null}
          <Field
            label={t("voting.lease")}
            hint={t("voting.leaseHint")}
            error={problems.includes("leaseMinutes") ? t("voting.leaseWrong", leaseMinutesRange) : undefined}
          >
            <Input
              type="number"
              inputMode="decimal"
              step="any"
              {...leaseMinutesRange}
              value={draft.leaseMinutes}
              onChange={(event) => change({ leaseMinutes: event.target.value })}
              className="max-w-32"
            />
          </Field>
        </div>
      </Card>
      {update.error ? <ErrorNote error={update.error} /> : null}
      <div className="sticky bottom-0 -mx-4 flex flex-wrap items-center justify-end gap-3 border-t border-line bg-canvas px-4 py-3 sm:-mx-8 sm:px-8">
        <p role="status" className="mr-auto text-[13px] text-muted">
          {dirty ? t("unsaved", { count: Object.keys(changes).length }) : t("allSaved")}
        </p>
        <Button disabled={!dirty || update.isPending} onClick={() => setDraft(draftOf(saved))}>
          {t("discard")}
        </Button>
        <Button type="submit" variant="primary" disabled={!dirty || problems.length > 0} pending={update.isPending}>
          {common("save")}
        </Button>
      </div>
    </form>
  );
}
