"use client";
import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useTRPC } from "@/app/_trpc/client";
import { Field } from "@/app/_ui/Field";
import { Input } from "@/app/_ui/Input";
import { Select } from "@/app/_ui/Select";
import type { ExportFault, ExportForm } from "./exportQuery";

interface Props {
  projectId: string;
  form: ExportForm;
  fault: ExportFault | null;
  onChange: (change: Partial<ExportForm>) => void;
}

/** A select holds text; no pseudonym is called this. */
const anyone = "anyone";

export function ExportFilters({ projectId, form, fault, onChange }: Props) {
  const t = useTranslations("exports");
  const trpc = useTRPC();
  const judges = useQuery(trpc.datasets.judges.queryOptions({ projectId }));
  const day = (key: "from" | "to", label: string) => (
    <Field label={label} hint={t("dayHint")} error={key === "from" && fault === "dayOrder" ? t("dayOrder") : undefined}>
      <Input type="date" value={form[key]} onChange={(event) => onChange({ [key]: event.currentTarget.value })} />
    </Field>
  );
  return (
    <div className="mt-3 grid gap-4 sm:grid-cols-2">
      <Field
        label={t("minAgreement")}
        hint={t("minAgreementHint")}
        error={fault === "minAgreement" ? t("minAgreementError") : undefined}
      >
        <span className="flex items-center gap-2">
          <Input
            inputMode="decimal"
            autoComplete="off"
            value={form.minAgreement}
            onChange={(event) => onChange({ minAgreement: event.currentTarget.value })}
            className="tabular max-w-28"
          />
          <span className="text-muted">%</span>
        </span>
      </Field>
      <Field label={t("annotator")} hint={t("annotatorHint")}>
        <Select
          value={form.annotator || anyone}
          onChange={(value) => onChange({ annotator: value === anyone ? "" : value })}
          items={[
            { value: anyone, label: t("anyone") },
            ...(judges.data?.judges ?? []).map(({ pseudonym, name, count }) => ({
              value: pseudonym,
              label: t("judge", { name, count }),
              hint: pseudonym,
            })),
          ]}
        />
      </Field>
      {day("from", t("fromDay"))}
      {day("to", t("toDay"))}
    </div>
  );
}
