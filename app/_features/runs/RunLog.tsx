"use client";
import { useTranslations } from "next-intl";
import type { LogEntry } from "./runEvents";
import { useFigures } from "./useFigures";

const levelClasses = { info: "text-muted", warn: "font-medium text-warn", error: "font-medium text-danger" };

/** What happened, newest first. */
export function RunLog({ log }: { log: readonly LogEntry[] }) {
  const t = useTranslations("runs.log");
  if (log.length === 0) return <p className="text-muted">{t("none")}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={t("title")} tabIndex={0} className="max-h-80 overflow-y-auto">
      <ol className="tabular grid gap-1.5 text-[13px]">
        {log.toReversed().map((entry) => (
          <li key={entry.seq} className="min-w-0 break-words">
            <LogText entry={entry} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function LogText({ entry }: { entry: LogEntry }) {
  const t = useTranslations("runs.log");
  const { duration } = useFigures();
  switch (entry.type) {
    case "started":
      return t("started", { provider: entry.provider, reason: entry.reason });
    case "resumed":
      return t("resumed", { step: entry.step });
    case "paused":
      return t("paused", { step: entry.step });
    case "evaluated":
      return t("evaluated", { step: entry.step, pairs: entry.pairs });
    case "checkpoint":
      return t("checkpoint", { step: entry.step });
    case "finished":
      return t("finished", { step: entry.step, duration: duration(entry.seconds) });
    case "message":
      return (
        <>
          <span className={levelClasses[entry.level]}>{t(`levels.${entry.level}`)}</span> {entry.message}
        </>
      );
  }
}
