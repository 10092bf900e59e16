"use client";
import { useTranslations } from "next-intl";
import type { WebhookEventType } from "@/server/domain/webhooks";

/** An event in words: message keys cannot hold the dot of its name. */
export function useEventWords(): (type: WebhookEventType) => string {
  const t = useTranslations("access.webhooks");
  return (type) => t(`event.${type.replace(".", "_") as "run_finished"}`);
}
