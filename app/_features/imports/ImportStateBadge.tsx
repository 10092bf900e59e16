"use client";
import { CircleCheck, CircleDashed, CircleX, LoaderCircle } from "lucide-react";
import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/app/_ui/Badge";
import type { ImportSummary } from "./importTypes";

const looks = {
  uploaded: { tone: "neutral", Icon: CircleDashed },
  queued: { tone: "accent", Icon: CircleDashed },
  running: { tone: "accent", Icon: LoaderCircle },
  finished: { tone: "good", Icon: CircleCheck },
  failed: { tone: "danger", Icon: CircleX },
} as const satisfies Record<ImportSummary["state"], { tone: Tone; Icon: typeof CircleX }>;

export function ImportStateBadge({ state }: { state: ImportSummary["state"] }) {
  const t = useTranslations("imports");
  const { tone, Icon } = looks[state];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className="size-3.5" />}>
      {t(`state.${state}`)}
    </Badge>
  );
}
