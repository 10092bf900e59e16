"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { cx } from "@/app/_ui/cx";
import { Tooltip } from "@/app/_ui/Tooltip";
import type { ProjectRole } from "@/server/domain/roles";
import { areaIcons } from "./areaIcons";
import { areaHref, areasFor, type Place } from "./navigation";

interface Props {
  place: Place;
  role: ProjectRole;
  /** Icons alone, their names on hover and focus. */
  compact?: boolean;
  onNavigate?: () => void;
}

/** The pages of the project at hand. */
export function RailLinks({ place, role, compact = false, onNavigate }: Props) {
  const t = useTranslations("shell");
  const { projectId } = place;
  if (!projectId) return null;
  return (
    <ul className="flex flex-col gap-0.5">
      {areasFor(role).map((area) => {
        const Icon = areaIcons[area.key];
        const here = area.key === place.area;
        const name = t(`nav.${area.key}`);
        const link = (
          <Link
            href={areaHref(projectId, area)}
            onClick={onNavigate}
            aria-current={here ? "page" : undefined}
            aria-label={compact ? name : undefined}
            className={cx(
              "flex h-9 items-center gap-2.5 rounded-md no-underline transition-colors pointer-coarse:h-11",
              compact ? "w-10 justify-center" : "px-2.5",
              here ? "bg-accent-soft font-medium text-accent" : "text-ink hover:bg-line/50",
            )}
          >
            <Icon aria-hidden className={cx("size-[18px] shrink-0", !here && "text-muted")} />
            {compact ? null : name}
          </Link>
        );
        return <li key={area.key}>{compact ? <Tooltip text={name}>{link}</Tooltip> : link}</li>;
      })}
    </ul>
  );
}
