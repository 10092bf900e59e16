"use client";
import { PlugZap } from "lucide-react";
import { useTranslations } from "next-intl";

/** Says that nobody trains at the moment, and what to do. */
export function WorkerOfflineNote() {
  const t = useTranslations("runs.workerOffline");
  return (
    <div role="status" className="mb-4 flex items-start gap-3 rounded-md border border-warn/40 bg-warn-soft p-3">
      <PlugZap aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      <div className="min-w-0">
        <p className="font-medium">{t("title")}</p>
        <p className="mt-0.5 max-w-[72ch]">{t("text")}</p>
      </div>
    </div>
  );
}
