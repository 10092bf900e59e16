"use client";
import { Ban, CircleCheck, CirclePause, CircleX, Clock3, LoaderCircle } from "lucide-react";
import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/app/_ui/Badge";
import { type RunWishes, shownState } from "./runTypes";

const looks = {
  queued: { tone: "neutral", Icon: Clock3 },
  running: { tone: "accent", Icon: LoaderCircle },
  cancelling: { tone: "warn", Icon: LoaderCircle },
  pausing: { tone: "warn", Icon: LoaderCircle },
  paused: { tone: "neutral", Icon: CirclePause },
  finished: { tone: "good", Icon: CircleCheck },
  failed: { tone: "danger", Icon: CircleX },
  cancelled: { tone: "neutral", Icon: Ban },
} as const satisfies Record<ReturnType<typeof shownState>, { tone: Tone; Icon: typeof Ban }>;

export function RunStateBadge({ run }: { run: RunWishes }) {
  const t = useTranslations("runs.state");
  const state = shownState(run);
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
