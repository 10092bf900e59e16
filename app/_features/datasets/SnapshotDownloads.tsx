"use client";
import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { readError } from "@/app/_ui/appError";
import { Button } from "@/app/_ui/Button";
import { Card } from "@/app/_ui/Card";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";
import { exportFormats, type Misfit } from "@/server/domain/exports/formats";
import { formatLosses } from "@/server/domain/exports/losses";
import { exportFiles } from "@/server/domain/exports/request";
import type { SnapshotRow } from "./datasetTypes";
import { ExportFilters } from "./ExportFilters";
import { defaultExport, type ExportForm, exportQuery, isFiltered } from "./exportQuery";
import { startDownload } from "./startDownload";

const splitWords = { train: "trainSplit", test: "testSplit", all: "allSplit" } as const;

export function SnapshotDownloads({ projectId, snapshot }: { projectId: string; snapshot: SnapshotRow }) {
  const t = useTranslations("exports");
  const [form, setForm] = useState<ExportForm>(defaultExport);
  const download = useMutation({ mutationFn: startDownload });
  const change = (part: Partial<ExportForm>) => {
    download.reset();
    setForm({ ...form, ...part });
  };
  const { trainPairs: train, testPairs: test } = snapshot;
  const count = { train, test, all: train + test }[form.split];
  const asked = exportQuery(form);
  return (
    <Card title={t("title")} description={t("lead")}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("format")} className="sm:col-span-2">
          <Select
            value={form.format}
            onChange={(format) => change({ format })}
            items={exportFormats.map((value) => ({
              value,
              label: t(`formats.${value}.name`),
              hint: t(`formats.${value}.hint`),
            }))}
          />
        </Field>
        <Field label={t("file")}>
          <Select
            value={form.file}
            onChange={(file) => change({ file })}
            items={exportFiles.map((value) => ({ value, label: t(`files.${value}`) }))}
          />
        </Field>
        <Field label={t("split")}>
          <Select
            value={form.split}
            onChange={(split) => change({ split })}
            items={(["train", "test", "all"] as const).map((value) => ({ value, label: t(splitWords[value]) }))}
          />
        </Field>
        <Field label={t("layout")}>
          <Select
            value={form.layout}
            onChange={(layout) => change({ layout })}
            items={[
              { value: "file" as const, label: t("layouts.file.name") },
              { value: "folder" as const, label: t("layouts.folder.name"), hint: t("layouts.folder.hint") },
            ]}
          />
        </Field>
        <Field label={t("labels")}>
          <Select
            value={form.labels}
            onChange={(labels) => change({ labels })}
            items={(["soft", "hard"] as const).map((value) => ({
              value,
              label: t(`labelKinds.${value}.name`),
              hint: t(`labelKinds.${value}.hint`),
            }))}
          />
        </Field>
      </div>
      <Losses form={form} />
      <details className="mt-4">
        <summary className="min-h-6 font-medium pointer-coarse:min-h-11">{t("filters")}</summary>
        <ExportFilters
          projectId={projectId}
          form={form}
          fault={"fault" in asked ? asked.fault : null}
          onChange={change}
        />
      </details>
      <div className="mt-4">
        {count === 0 ? (
          <p className="text-muted">{t("nothing")}</p>
        ) : (
          <Button
            icon={<Download aria-hidden className="size-4" />}
            pending={download.isPending}
            disabled={"fault" in asked}
            onClick={() => "query" in asked && download.mutate(`/api/export/${snapshot.id}?${asked.query}`)}
          >
            {isFiltered(form) ? t("buttonFiltered") : t("button", { count })}
          </Button>
        )}
        {download.isError ? <Refusal error={download.error} /> : null}
      </div>
    </Card>
  );
}

function Losses({ form: { format, file } }: { form: ExportForm }) {
  const t = useTranslations("exports");
  return (
    <section className="mt-4 rounded-md border border-line bg-sunken p-3 text-[13px]">
      <h3 className="font-medium">{t("losesTitle")}</h3>
      <ul className="mt-1 list-disc pl-4 text-muted">
        {formatLosses[format].map((loss) => (
          <li key={loss}>{t(`loss.${loss}`)}</li>
        ))}
      </ul>
      {file === "csv" ? <p className="mt-1 text-muted">{t("nested")}</p> : null}
    </section>
  );
}

/** Pairs that do not fit the format, or filters that leave none, are told in words; anything else as errors are. */
function Refusal({ error }: { error: unknown }) {
  const t = useTranslations("exports");
  const { rows, misfit, pairs } = readError(error).details;
  const words =
    typeof rows === "number" && typeof misfit === "string"
      ? t(`misfit.${misfit as Misfit}`, { rows })
      : pairs === 0
        ? t("noneLeft")
        : null;
  if (words === null) return <ErrorNote error={error} className="mt-3" />;
  return (
    <p role="alert" className="mt-3 rounded-md border border-warn/30 bg-warn-soft p-3">
      {words}
    </p>
  );
}
