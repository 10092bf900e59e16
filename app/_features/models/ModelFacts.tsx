"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Tooltip } from "@/app/_ui/Tooltip";
import { type AdapterKind, adapterKindEntries } from "@/trainer/contracts/adapterKinds";
import { heldOutAccuracy } from "../runs/metrics";
import { useFigures } from "../runs/useFigures";
import type { ModelRow } from "./modelTypes";

/** A model in figures: how large, from what, how good. */
export function ModelFacts({ projectId, model }: { projectId: string; model: ModelRow }) {
  const t = useTranslations("models");
  const { bytes, compact } = useFigures();
  return (
    <dl className="flex flex-wrap gap-x-8 gap-y-2 text-[13px]">
      <Fact label={t("parameters")}>{compact(model.parameters)}</Fact>
      <Fact label={t("size")}>
        {model.compressed
          ? t("compressedSize", { size: bytes(model.bytes), full: bytes(model.compressed.fullBytes) })
          : bytes(model.bytes)}
      </Fact>
      <Fact label={t("memory")}>
        {t("memoryFigures", {
          answer: bytes(model.memory.answer),
          train: bytes(model.memory.train),
          machine: bytes(model.memory.machine),
        })}
      </Fact>
      {model.adapter ? <AdapterFact adapter={model.adapter} base={model.baseModelName} /> : null}
      {model.origin ? <Origin origin={model.origin} /> : null}
      {model.starter || model.origin ? null : (
        <Fact label={t(model.compressed ? "compressedFrom" : "base")}>{model.baseModelName ?? t("noBase")}</Fact>
      )}
      <Fact label={t("from")}>
        {model.runId && model.snapshotNumber !== null ? (
          <Link
            href={`/projects/${projectId}/runs/${model.runId}`}
            className="text-accent underline underline-offset-2"
          >
            {t("fromRun", { number: model.snapshotNumber })}
          </Link>
        ) : (
          t(model.compressed ? "fromCompression" : model.origin ? "fromIncoming" : "fromNowhere")
        )}
      </Fact>
      {model.starter || model.origin || model.compressed ? null : <HeldOut model={model} />}
      {model.starter ? null : (
        <Fact label={t("created")}>
          <RelativeTime date={model.createdAt} />
        </Fact>
      )}
    </dl>
  );
}

/** What stands beside which weights, and why there may be no merged model. */
function AdapterFact({ adapter, base }: { adapter: AdapterKind; base: string | null }) {
  const t = useTranslations("models");
  const names = useTranslations("runs.adapter.kinds");
  return (
    <Fact label={t("adapter")}>
      {t("adapterFacts", { kind: names(`${adapter}.title`), base: base ?? t("noBase") })}
      {adapterKindEntries[adapter].merges ? null : (
        <span className="block max-w-[44ch] text-muted">{t("notMerged")}</span>
      )}
    </Fact>
  );
}

/** What is known of a model that was added. */
function Origin({ origin }: { origin: NonNullable<ModelRow["origin"]> }) {
  const t = useTranslations("models");
  return (
    <>
      <Fact label={t("family")}>{t("familyContext", { family: origin.family, context: origin.context })}</Fact>
      <Fact label={t("licence")}>{origin.licence ?? t("licenceUnknown")}</Fact>
      <Fact label={t("source")}>
        {t(`sourceOf.${origin.source ?? "incoming"}`)}: {origin.entry}{" "}
        {origin.commit ? <span className="text-muted">@ {origin.commit.slice(0, 10)} </span> : null}
        <span className="break-all text-muted">sha256 {origin.sha256.slice(0, 16)}</span>
      </Fact>
    </>
  );
}

function HeldOut({ model }: { model: ModelRow }) {
  const t = useTranslations("models");
  const accuracy = heldOutAccuracy(model.kind === "reward" ? "reward" : "dpo", model.metrics, null);
  if (!accuracy) return <Fact label={t("heldOut")}>{t("noFigure")}</Fact>;
  return (
    <Fact label={t("heldOut")}>
      <Tooltip text={t("accuracyHelp")}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the explanation must be reachable by keyboard */}
        <span tabIndex={0} className="underline decoration-dotted underline-offset-2">
          {t("accuracy", { value: accuracy.value })}
        </span>
      </Tooltip>
    </Fact>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-muted">{label}</dt>
      <dd className="tabular break-words">{children}</dd>
    </div>
  );
}
