"use client";
import { BookOpen, CircleHelp, CloudDownload, Diff, History, Link2, Link2Off } from "lucide-react";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { ShellMenuButton } from "@/app/_features/shell/ShellMenuButton";
import { cx } from "@/app/_ui/cx";
import { IconButton } from "@/app/_ui/IconButton";
import { Kbd } from "@/app/_ui/Kbd";
import type { Connection } from "./annotateState";
import { ConnectionBadge } from "./ConnectionBadge";
import type { KeyAction } from "./keys";

interface Props {
  projectName: string;
  today: number;
  connection: Connection;
  waiting: number;
  linked: boolean;
  diff: boolean;
  /** Pairs in hand, and whether many are wanted to go on without a network. */
  stock: { readonly here: number; readonly taken: boolean };
  act: (action: KeyAction) => void;
}

export function CompareHeader({ projectName, today, connection, waiting, linked, diff, stock, act }: Props) {
  const t = useTranslations("annotate");
  return (
    <header className="flex h-12 shrink-0 items-center gap-1 border-b border-line bg-canvas pr-2 pl-1 lg:pl-4">
      <ShellMenuButton />
      <h1 className="min-w-0 truncate font-medium">{projectName}</h1>
      <span className="tabular ml-2 shrink-0 text-[13px] text-muted max-[22rem]:sr-only" data-testid="today">
        <span className="max-sm:sr-only">{t("today", { count: today })}</span>
        <span aria-hidden className="sm:hidden">
          {t("todayShort", { count: today })}
        </span>
      </span>
      <span className="ml-auto" />
      <ConnectionBadge shown={connection} waiting={waiting} />
      <span className="ml-1 flex shrink-0 items-center">
        <HeaderButton
          label={t("linkScroll")}
          keyHint="l"
          pressed={linked}
          icon={linked ? <Link2 aria-hidden /> : <Link2Off aria-hidden />}
          onClick={() => act({ do: "link" })}
          className="max-md:hidden"
        />
        <HeaderButton
          label={stock.taken ? t("stock.taken", { count: stock.here }) : t("stock.take")}
          keyHint="o"
          pressed={stock.taken}
          icon={<CloudDownload aria-hidden />}
          onClick={() => act({ do: "stock" })}
        />
        <HeaderButton
          label={t("diff.open")}
          keyHint="d"
          pressed={diff}
          icon={<Diff aria-hidden />}
          onClick={() => act({ do: "diff" })}
        />
        <HeaderButton
          label={t("history.open")}
          keyHint="h"
          icon={<History aria-hidden />}
          onClick={() => act({ do: "history" })}
        />
        <HeaderButton
          label={t("guidelines.open")}
          keyHint="g"
          icon={<BookOpen aria-hidden />}
          onClick={() => act({ do: "guidelines" })}
        />
        <HeaderButton
          label={t("help.open")}
          keyHint="?"
          icon={<CircleHelp aria-hidden />}
          onClick={() => act({ do: "help" })}
        />
      </span>
    </header>
  );
}

interface HeaderButtonProps {
  label: string;
  keyHint: string;
  icon: ReactNode;
  pressed?: boolean;
  onClick: () => void;
  className?: string;
}

/** A sign with its key beside it, where there is a keyboard and room. */
function HeaderButton({ label, keyHint, icon, pressed, onClick, className }: HeaderButtonProps) {
  return (
    <IconButton
      label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={keyHint}
      onClick={onClick}
      icon={
        <>
          {icon}
          <span aria-hidden className="max-lg:hidden pointer-coarse:hidden">
            <Kbd>{keyHint}</Kbd>
          </span>
        </>
      }
      className={cx(
        "gap-1 aria-pressed:bg-sunken aria-pressed:text-ink lg:pointer-fine:w-14 [&>svg]:size-[18px]",
        className,
      )}
    />
  );
}
