"use client";
import { Ban, CircleCheck, CircleX, Clock3, LoaderCircle } from "lucide-react";
import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/app/_ui/Badge";
import type { PairBatchRow } from "./pairTypes";

const looks = {
  queued: { tone: "neutral", Icon: Clock3 },
  running: { tone: "accent", Icon: LoaderCircle },
  cancelling: { tone: "warn", Icon: LoaderCircle },
  finished: { tone: "good", Icon: CircleCheck },
  failed: { tone: "danger", Icon: CircleX },
  cancelled: { tone: "neutral", Icon: Ban },
} as const satisfies Record<PairBatchRow["state"] | "cancelling", { tone: Tone; Icon: typeof Ban }>;

export function BatchStateBadge({ batch }: { batch: Pick<PairBatchRow, "state" | "cancelRequested"> }) {
  const t = useTranslations("pairs.state");
  const state = batch.state === "running" && batch.cancelRequested ? "cancelling" : batch.state;
  const { tone, Icon } = looks[state];
  return (
    <Badge
      tone={tone}
      icon={<Icon aria-hidden className={Icon === LoaderCircle ? "size-3.5 animate-spin" : "size-3.5"} />}
    >
      {t(state)}
    </Badge>
  );
}
