"use client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Shrink } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { Button } from "@/app/_ui/Button";
import { ButtonLink } from "@/app/_ui/ButtonLink";
import { Dialog } from "@/app/_ui/Dialog";
import { ErrorNote } from "@/app/_ui/ErrorNote";
import { Field } from "@/app/_ui/Field";
import { Select } from "@/app/_ui/Select";
import { Skeleton } from "@/app/_ui/Skeleton";
import type { CompressionSettings } from "@/trainer/contracts/compression";
import type { ModelRow } from "./modelTypes";

/** Asks for a delta of a fine-tuned model: on which base, on whose texts, and what of it is kept how. */
export function CompressModel({ projectId, model }: { projectId: string; model: ModelRow }) {
  const t = useTranslations("models.compress");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="sm"
        aria-label={t("label", { name: model.name })}
        icon={<Shrink aria-hidden className="size-4" />}
        onClick={() => setOpen(true)}
      >
        {t("open")}
      </Button>
      <Dialog open={open} onOpenChange={setOpen} title={t("title", { name: model.name })} description={t("lead")}>
        {open ? <CompressForm projectId={projectId} model={model} onDone={() => setOpen(false)} /> : null}
      </Dialog>
    </>
  );
}

function CompressForm({ projectId, model, onDone }: { projectId: string; model: ModelRow; onDone: () => void }) {
  const t = useTranslations("models.compress");
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const datasets = useQuery(trpc.datasets.list.queryOptions({ projectId }));
  const list = useQuery(trpc.models.list.queryOptions({ projectId }));
  const snapshots = [...(datasets.data?.snapshots ?? [])].sort((a, b) => b.number - a.number);
  const bases = (list.data?.models ?? []).filter((m) => m.id !== model.id && m.kind === "policy");
  const [snapshotId, setSnapshotId] = useState<string | null>(null);
  const [baseModelId, setBaseModelId] = useState<string | null>(model.baseModelId);
  const [rest, setRest] = useState<CompressionSettings["rest"]>("f16");
  const [embeddings, setEmbeddings] = useState<CompressionSettings["embeddings"]>("kept");
  const snapshot = snapshotId ?? snapshots[0]?.id;
  const base = bases.some(({ id }) => id === baseModelId) ? baseModelId : null;
  const compress = useMutation(
    trpc.models.compress.mutationOptions({
      onSuccess: async () => {
        await queries.invalidateQueries({ queryKey: trpc.models.compressions.queryKey() });
        onDone();
        router.push(`/projects/${projectId}/models/${model.id}#compressions`);
      },
    }),
  );
  if (datasets.isError || list.isError)
    return (
      <ErrorNote
        error={datasets.error ?? list.error}
        onRetry={() => Promise.all([datasets.refetch(), list.refetch()])}
      />
    );
  if (!datasets.data || !list.data) return <Skeleton className="h-64" />;
  if (snapshots.length === 0) {
    return (
      <div className="grid justify-items-start gap-3">
        <p>{t("noSnapshot")}</p>
        <ButtonLink href={`/projects/${projectId}/datasets`}>{t("toDatasets")}</ButtonLink>
      </div>
    );
  }
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!snapshot || !base) return;
        const settings = { rest, embeddings };
        compress.mutate({ projectId, modelId: model.id, baseModelId: base, snapshotId: snapshot, settings });
      }}
    >
      <Field label={t("base")} hint={t("baseHelp")}>
        <Select
          value={base}
          onChange={setBaseModelId}
          placeholder={t("chooseBase")}
          items={bases.map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Field>
      <Field label={t("snapshot")} hint={t("snapshotHelp")}>
        <Select
          value={snapshot ?? null}
          onChange={setSnapshotId}
          items={snapshots.map((s) => ({
            value: s.id,
            label: t("snapshotOption", { number: s.number, pairs: s.trainPairs, test: s.testPairs }),
          }))}
        />
      </Field>
      <Field label={t("embeddings")} hint={t("embeddingsHelp")}>
        <Select
          value={embeddings}
          onChange={setEmbeddings}
          items={(["kept", "base"] as const).map((value) => ({ value, label: t(`embeddingsOption.${value}`) }))}
        />
      </Field>
      <Field label={t("rest")} hint={t("restHelp")}>
        <Select
          value={rest}
          onChange={setRest}
          items={(["f16", "f32"] as const).map((value) => ({ value, label: t(`restOption.${value}`) }))}
        />
      </Field>
      {compress.error ? <ErrorNote error={compress.error} /> : null}
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onDone}>{t("close")}</Button>
        <Button type="submit" variant="primary" pending={compress.isPending} disabled={!base || !snapshot}>
          {t("start")}
        </Button>
      </div>
    </form>
  );
}
