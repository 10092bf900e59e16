"use client";
import { Check, CloudOff, LoaderCircle, RotateCw, TriangleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { cx } from "@/app/_ui/cx";
import type { Connection } from "./annotateState";

const icons = {
  online: Check,
  saving: LoaderCircle,
  retrying: RotateCw,
  offline: CloudOff,
  stopped: TriangleAlert,
} as const;

/** Whether everything is saved. In words beside the sign; on a phone the words stay only while something is wrong. */
export function ConnectionBadge({ shown, waiting }: { shown: Connection; waiting: number }) {
  const t = useTranslations("annotate");
  const Icon = icons[shown];
  const troubled = shown === "retrying" || shown === "offline" || shown === "stopped";
  return (
    <span
      data-testid="connection"
      data-connection={shown}
      className={cx(
        "tabular inline-flex shrink-0 items-center gap-1.5 text-[13px]",
        troubled ? "font-medium text-warn" : "text-muted",
      )}
    >
      <Icon aria-hidden className={cx("size-4", shown === "saving" && "animate-spin")} />
      <span className={cx(!troubled && "max-sm:sr-only")}>{t(`connection.${shown}`, { count: waiting })}</span>
    </span>
  );
}
