"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";
import { Skeleton } from "@/app/_ui/Skeleton";
import { type AdapterKind, adapterKindOf, adapterKinds, adapterOf } from "@/trainer/contracts/adapterKinds";
import type { ModelShape } from "@/trainer/contracts/modelShape";
import type { PresetConfig } from "@/trainer/contracts/preset";
import type { Settings } from "@/trainer/contracts/settings";
import type { TrainingCost } from "@/trainer/contracts/trainingCost";
import { type AdapterAdvice, adapterCosts, chosenAdapter, recommendAdapter } from "./adapterChoices";
import { ChoiceCards } from "./ChoiceCards";
import { useFigures } from "./useFigures";

interface Props {
  config: PresetConfig;
  settings: Settings;
  /** Of the base model; undefined while it loads, null where its files tell none. */
  shape: ModelShape | null | undefined;
  lengths: { readonly prompt: number; readonly answer: number } | null | undefined;
  machineBytes: number;
  /** Of the run as it is set now; null before there was one to judge by. */
  estimatedSeconds: number | null;
  methodsHref: string;
  onChange: (kind: AdapterKind) => void;
}

/** What of the model is trained: all of it or a few numbers beside it, each with what that takes for this model and run. */
export function AdapterField(props: Props) {
  const { config, settings, shape, lengths, machineBytes, estimatedSeconds, methodsHref, onChange } = props;
  const t = useTranslations("runs.adapter");
  const situation = shape && lengths ? { config, settings, shape, lengths } : null;
  const costs = situation ? adapterCosts(situation) : null;
  const chosen = situation ? chosenAdapter(situation) : null;
  const advice = costs && shape ? recommendAdapter(costs, shape, machineBytes) : null;
  const value = adapterKindOf(adapterOf(settings));
  const loading = shape === undefined || lengths === undefined;
  return (
    <div>
      <ChoiceCards
        label={t("label")}
        value={value}
        onChange={onChange}
        choices={adapterKinds.map((kind) => {
          // What is chosen has whatever was typed besides.
          const cost = chosen && kind === value ? chosen.cost : (costs?.[kind] ?? null);
          return {
            value: kind,
            title: (
              <span className="flex flex-wrap items-center gap-x-2">
                {t(`kinds.${kind}.title`)}
                {advice?.kind === kind ? <Badge tone="accent">{t("recommended")}</Badge> : null}
              </span>
            ),
            children: (
              <>
                <span className="block">{t(`kinds.${kind}.text`)}</span>
                {cost && costs && chosen ? (
                  <Costs
                    cost={cost}
                    full={costs.full}
                    seconds={estimatedSeconds === null ? null : (estimatedSeconds * cost.work) / chosen.cost.work}
                  />
                ) : loading ? (
                  <Skeleton className="mt-2 h-4 w-3/4" />
                ) : null}
                {advice?.kind === kind && costs ? (
                  <Why advice={advice} costs={costs} machineBytes={machineBytes} parameters={shape?.parameters ?? 0} />
                ) : null}
              </>
            ),
          };
        })}
      />
      <p className="mt-2 max-w-[80ch] text-[13px] text-muted">
        {costs ? `${t("howKnown")} ` : loading ? null : `${t("unknown")} `}
        <Link href={methodsHref} className="text-accent underline underline-offset-2">
          {t("methods")}
        </Link>
      </p>
    </div>
  );
}

function Costs({ cost, full, seconds }: { cost: TrainingCost; full: TrainingCost; seconds: number | null }) {
  const t = useTranslations("runs.adapter");
  const { bytes, compact, duration } = useFigures();
  return (
    <span className="tabular mt-1 block text-[13px] text-muted">
      {t("trained", { trained: compact(cost.trained), share: cost.share })}
      {", "}
      {t("file", { size: bytes(cost.fileBytes) })}
      <br />
      {t("memory", { size: bytes(cost.memoryBytes) })}
      {", "}
      {seconds !== null ? t("time", { duration: duration(seconds) }) : t("timeShare", { share: cost.work / full.work })}
    </span>
  );
}

interface WhyProps {
  advice: AdapterAdvice;
  costs: Readonly<Record<AdapterKind, TrainingCost>>;
  machineBytes: number;
  parameters: number;
}

function Why({ advice, costs, machineBytes, parameters }: WhyProps) {
  const t = useTranslations("runs.adapter.why");
  const { bytes, compact } = useFigures();
  return (
    <span className="mt-1 block text-[13px]">
      {t(advice.why, {
        full: bytes(costs.full.memoryBytes),
        machine: bytes(machineBytes),
        parameters: compact(parameters),
        saved: 1 - costs.lora.memoryBytes / costs.full.memoryBytes,
      })}
    </span>
  );
}
