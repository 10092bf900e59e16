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
import { useToast } from "@/app/_ui/Toast";
import { mostPracticePairs } from "@/server/domain/reference";
import type { Practice } from "./guidelineTypes";

const range = { min: 0, max: mostPracticePairs } as const;

/** How many pairs somebody practises on before real ones. */
export function PracticeWanted({ projectId, practice }: { projectId: string; practice: Practice }) {
  const t = useTranslations("guidelines.wanted");
  const common = useTranslations("common");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const [typed, setTyped] = useState(String(practice.wanted));
  const wanted = Number(typed);
  const valid = typed.trim() !== "" && Number.isInteger(wanted) && wanted >= range.min && wanted <= range.max;
  const usable = practice.pairs.filter(({ asked }) => asked).length;
  const save = useMutation(
    trpc.projects.update.mutationOptions({
      onSuccess: async () => {
        await Promise.all([
          queries.invalidateQueries(trpc.projects.pathFilter()),
          queries.invalidateQueries(trpc.practice.pathFilter()),
        ]);
        toast.show({ title: common("saved") });
      },
    }),
  );
  return (
    <Card title={t("title")} description={t("lead")}>
      <form
        noValidate
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) save.mutate({ projectId, practicePairs: wanted });
        }}
      >
        <Field label={t("label")} hint={t("hint")} error={valid ? undefined : t("wrong", range)}>
          <Input
            type="number"
            inputMode="numeric"
            {...range}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="max-w-32"
          />
        </Field>
        {valid && wanted > usable ? (
          <p role="status" className="rounded-md border border-warn/40 bg-warn-soft p-3 text-[13px]">
            {t("tooFew", { usable })}
          </p>
        ) : null}
        {save.error ? <ErrorNote error={save.error} /> : null}
        <Button
          type="submit"
          className="self-start"
          disabled={!valid || wanted === practice.wanted}
          pending={save.isPending}
        >
          {common("save")}
        </Button>
      </form>
    </Card>
  );
}
