"use client";
import { Archive, CircleCheck, CircleDashed, Scale } from "lucide-react";
import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/app/_ui/Badge";
import type { ItemState } from "./itemFilters";

type Shown = Exclude<ItemState, "all" | "reported">;

const looks = {
  open: { tone: "neutral", Icon: CircleDashed },
  complete: { tone: "good", Icon: CircleCheck },
  disputed: { tone: "warn", Icon: Scale },
  retired: { tone: "neutral", Icon: Archive },
} as const satisfies Record<Shown, { tone: Tone; Icon: typeof Scale }>;

export function ItemStateBadge({ state }: { state: Shown }) {
  const t = useTranslations("items");
  const { tone, Icon } = looks[state];
  return (
    <Badge tone={tone} icon={<Icon aria-hidden className="size-3.5" />}>
      {t(`state.${state}`)}
    </Badge>
  );
}
