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
import type { SnapshotRow } from "./datasetTypes";
import { startDownload } from "./startDownload";

const formats = ["trl-conversational", "trl-standard"] as const;
const splits = ["train", "test", "all"] as const;
const formatWords = {
  "trl-conversational": ["conversational", "conversationalHint"],
  "trl-standard": ["standard", "standardHint"],
} as const;
const splitWords = { train: "trainSplit", test: "testSplit", all: "allSplit" } as const;

export function SnapshotDownloads({ snapshot }: { snapshot: SnapshotRow }) {
  const t = useTranslations("datasets.download");
  const [format, setFormat] = useState<(typeof formats)[number]>("trl-conversational");
  const [split, setSplit] = useState<(typeof splits)[number]>("train");
  const download = useMutation({ mutationFn: startDownload });
  // Plain text was refused: so many rows are conversations.
  const turns = download.isError ? readError(download.error).details.rows : null;
  const { trainPairs: train, testPairs: test } = snapshot;
  const count = { train, test, all: train + test }[split];
  return (
    <Card title={t("title")} description={t("lead")}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("format")}>
          <Select
            value={format}
            onChange={(next) => {
              download.reset();
              setFormat(next);
            }}
            items={formats.map((value) => ({
              value,
              label: t(formatWords[value][0]),
              hint: t(formatWords[value][1]),
            }))}
          />
        </Field>
        <Field label={t("split")}>
          <Select
            value={split}
            onChange={setSplit}
            items={splits.map((value) => ({ value, label: t(splitWords[value]) }))}
          />
        </Field>
      </div>
      <div className="mt-4">
        {count === 0 ? (
          <p className="text-muted">{t("nothing")}</p>
        ) : (
          <Button
            icon={<Download aria-hidden className="size-4" />}
            pending={download.isPending}
            onClick={() => download.mutate(`/api/export/${snapshot.id}?format=${format}&split=${split}`)}
          >
            {t("button", { count })}
          </Button>
        )}
        {download.isError ? (
          typeof turns === "number" ? (
            <p role="alert" className="mt-3 rounded-md border border-warn/30 bg-warn-soft p-3">
              {t("turns", { rows: turns })}
            </p>
          ) : (
            <ErrorNote error={download.error} className="mt-3" />
          )
        ) : null}
      </div>
    </Card>
  );
}
