"use client";
import { Download } from "lucide-react";
import { useTranslations } from "next-intl";
import { buttonClass } from "@/app/_ui/buttonClass";
import { type AdapterKind, adapterKindEntries } from "@/trainer/contracts/adapterKinds";

interface Props {
  projectId: string;
  model: {
    readonly id: string;
    readonly name: string;
    readonly adapter: AdapterKind | null;
    readonly compressed?: object | null;
  };
  size?: "sm";
}

/** A model to take along; an adapter as such, and merged into its base where weights can hold it. */
export function ModelDownloads({ projectId, model, size }: Props) {
  const t = useTranslations("models");
  const { id, name, adapter, compressed } = model;
  const address = `/api/models/${id}/download?projectId=${encodeURIComponent(projectId)}`;
  const link = (words: "download" | "downloadAdapter" | "downloadMerged", href: string) => (
    <a href={href} aria-label={t(`${words}Label`, { name })} className={buttonClass("secondary", size)}>
      <Download aria-hidden className="size-4" />
      {t(words)}
    </a>
  );
  const merged = link("downloadMerged", `${address}&merged=1`);
  if (adapter === null) {
    return (
      <>
        {link("download", address)}
        {compressed ? merged : null}
      </>
    );
  }
  return (
    <>
      {link("downloadAdapter", address)}
      {adapterKindEntries[adapter].merges ? merged : null}
    </>
  );
}
