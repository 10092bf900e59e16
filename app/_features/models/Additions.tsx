"use client";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_ui/Badge";
import type { IncomingModels } from "./modelTypes";

const tones = {
  queued: "neutral",
  running: "accent",
  finished: "good",
  failed: "danger",
  cancelled: "neutral",
} as const;

/** What became of the models that were asked for last. */
export function Additions({ additions, workerOnline }: Pick<IncomingModels, "additions" | "workerOnline">) {
  const t = useTranslations("models.add");
  if (additions.length === 0) return null;
  return (
    <section className="grid gap-2" aria-live="polite">
      <h3 className="font-semibold">{t("asked")}</h3>
      {workerOnline ? null : <p className="text-[13px] text-muted">{t("noWorker")}</p>}
      <ul className="grid gap-2">
        {additions.map((addition) => (
          <li key={addition.id} className="grid gap-1">
            <span className="flex flex-wrap items-center gap-2 break-words">
              {addition.entry} <Badge tone={tones[addition.state]}>{t(`state.${addition.state}`)}</Badge>
            </span>
            {addition.error ? <span className="text-[13px] break-words text-muted">{addition.error}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
