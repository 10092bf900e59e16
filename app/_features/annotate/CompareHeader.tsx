"use client";
import { BookOpen, CircleHelp, CloudDownload, History, Link2, Link2Off } from "lucide-react";
import { useTranslations } from "next-intl";
import { ShellMenuButton } from "@/app/_features/shell/ShellMenuButton";
import { IconButton } from "@/app/_ui/IconButton";
import type { Connection } from "./annotateState";
import { ConnectionBadge } from "./ConnectionBadge";

export type Panel = "guidelines" | "help" | "history";

interface Props {
  projectName: string;
  today: number;
  connection: Connection;
  waiting: number;
  linked: boolean;
  onLink: () => void;
  /** Pairs in hand, and whether many are wanted to go on without a network. */
  stock: { readonly here: number; readonly taken: boolean };
  onStock: () => void;
  onOpen: (panel: Panel) => void;
}

export function CompareHeader({
  projectName,
  today,
  connection,
  waiting,
  linked,
  onLink,
  stock,
  onStock,
  onOpen,
}: Props) {
  const t = useTranslations("annotate");
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-canvas pr-2 pl-1 lg:pl-4">
      <ShellMenuButton />
      <h1 className="min-w-0 truncate font-medium">{projectName}</h1>
      <span className="tabular ml-2 shrink-0 text-[13px] text-muted" data-testid="today">
        <span className="max-sm:sr-only">{t("today", { count: today })}</span>
        <span aria-hidden className="sm:hidden">
          {t("todayShort", { count: today })}
        </span>
      </span>
      <span className="ml-auto" />
      <ConnectionBadge shown={connection} waiting={waiting} />
      <span className="ml-1 flex shrink-0 items-center">
        <IconButton
          label={t("linkScroll")}
          aria-pressed={linked}
          icon={
            linked ? <Link2 aria-hidden className="size-[18px]" /> : <Link2Off aria-hidden className="size-[18px]" />
          }
          onClick={onLink}
          className="aria-pressed:bg-sunken aria-pressed:text-ink max-md:hidden"
        />
        <IconButton
          label={stock.taken ? t("stock.taken", { count: stock.here }) : t("stock.take")}
          aria-pressed={stock.taken}
          icon={<CloudDownload aria-hidden className="size-[18px]" />}
          onClick={onStock}
          className="aria-pressed:bg-sunken aria-pressed:text-ink"
        />
        <IconButton
          label={t("history.open")}
          icon={<History aria-hidden className="size-[18px]" />}
          onClick={() => onOpen("history")}
        />
        <IconButton
          label={t("guidelines.open")}
          icon={<BookOpen aria-hidden className="size-[18px]" />}
          onClick={() => onOpen("guidelines")}
        />
        <IconButton
          label={t("help.open")}
          icon={<CircleHelp aria-hidden className="size-[18px]" />}
          onClick={() => onOpen("help")}
        />
      </span>
    </header>
  );
}
