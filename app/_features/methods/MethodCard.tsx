"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card } from "@/app/_ui/Card";
import { type AdapterKind, adapterKindEntries, adapterOf, settingsOfKind } from "@/trainer/contracts/adapterKinds";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import type { Settings } from "@/trainer/contracts/settings";
import { fileBytes, parametersOf, stateBytes } from "@/trainer/contracts/trainingCost";
import { useFigures } from "../runs/useFigures";

interface Props {
  kind: AdapterKind;
  shape: ModelShape;
  /** The rank and the number of virtual tokens that the page shows. */
  sizes: Settings;
  picture: ReactNode;
  /** Numbers that the sentences are told. */
  values: Readonly<Record<string, string | number>>;
}

/** One way to train: its picture, how it works, and what it comes to with this model. */
export function MethodCard({ kind, shape, sizes, picture, values }: Props) {
  const t = useTranslations("methods");
  const names = useTranslations("runs.adapter");
  const { bytes, compact } = useFigures();
  const request = { kind: "sft", adapter: adapterOf({ ...sizes, ...settingsOfKind(kind) }) } as const;
  const counts = parametersOf(shape, request);
  const { source, merges } = adapterKindEntries[kind];
  return (
    <Card title={names(`kinds.${kind}.title`)} description={source === "" ? undefined : source}>
      <div className="flex flex-wrap items-start gap-x-8 gap-y-4">
        {picture}
        <div className="min-w-0 flex-1 basis-72">
          <p className="max-w-[72ch]">{t(`how.${kind}`, values)}</p>
          <p className="mt-2 max-w-[72ch] text-muted">{t(`when.${kind}`)}</p>
          <dl className="mt-4 flex flex-wrap gap-x-8 gap-y-2">
            <Fact label={t("trained")}>
              {t("trainedOf", {
                trained: compact(counts.trained),
                share: counts.trained / (counts.trained + counts.frozen),
              })}
            </Fact>
            <Fact label={t("file")}>{bytes(fileBytes(shape, request))}</Fact>
            <Fact label={t("state")}>{bytes(stateBytes(counts))}</Fact>
            {kind === "full" ? null : <Fact label={t("merges")}>{t(merges ? "mergesYes" : "mergesNo")}</Fact>}
          </dl>
        </div>
      </div>
    </Card>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-[13px] text-muted">{label}</dt>
      <dd className="tabular font-medium">{children}</dd>
    </div>
  );
}
