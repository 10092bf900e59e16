"use client";
import { Dialog } from "@base-ui/react/dialog";
import { useQuery } from "@tanstack/react-query";
import { Search, X } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import { type ReactNode, useCallback, useState } from "react";
import { useTRPC } from "@/app/_trpc/client";
import { cx } from "@/app/_ui/cx";
import { Kbd } from "@/app/_ui/Kbd";
import { Logo } from "@/app/_ui/Logo";
import { AccountMenu, type Viewer } from "./AccountMenu";
import { CommandPalette } from "./CommandPalette";
import { readPlace } from "./navigation";
import { ProjectSwitcher } from "./ProjectSwitcher";
import { RailLinks } from "./RailLinks";
import { ShellMenuButton } from "./ShellMenuButton";
import { ShellMenuContext } from "./shellMenu";

/** The frame of every page: a rail on the left where there is room, a top bar with a drawer where there is not. */
export function Shell({ viewer, children }: { viewer: Viewer; children: ReactNode }) {
  const t = useTranslations("shell");
  const trpc = useTRPC();
  const place = readPlace(usePathname());
  const { data } = useQuery(trpc.projects.list.queryOptions());
  const projects = data?.projects ?? [];
  const project = projects.find((one) => one.id === place.projectId);
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const openDrawer = useCallback(() => setDrawer(true), []);
  // While someone judges, the pair is the page: the rail shrinks to icons and the top bar goes.
  const judging = place.area === "compare";

  const rail = (compact: boolean) => (
    <>
      <div className={cx("flex h-10 items-center", compact ? "justify-center" : "px-2.5")}>
        <Link href="/projects" aria-label={t("nav.projects")} className="rounded-sm text-ink no-underline">
          <Logo compact={compact} />
        </Link>
      </div>
      {compact ? null : (
        <>
          <ProjectSwitcher projects={projects} current={place.projectId} />
          <button
            type="button"
            onClick={() => {
              setDrawer(false);
              setPalette(true);
            }}
            className="flex h-9 items-center gap-2.5 rounded-md px-2.5 text-muted hover:bg-line/50 hover:text-ink pointer-coarse:h-11"
          >
            <Search aria-hidden className="size-[18px] shrink-0" />
            <span className="flex-1 text-start">{t("palette.open")}</span>
            <span aria-hidden className="pointer-coarse:hidden">
              <Kbd>Ctrl K</Kbd>
            </span>
          </button>
        </>
      )}
      <nav aria-label={t("mainNavigation")} className="min-h-0 flex-1 overflow-y-auto">
        {project ? (
          <RailLinks place={place} role={project.role} compact={compact} onNavigate={() => setDrawer(false)} />
        ) : null}
      </nav>
      <AccountMenu viewer={viewer} compact={compact} />
    </>
  );

  return (
    <ShellMenuContext value={openDrawer}>
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-raised px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        {t("skip")}
      </a>
      <div className="min-h-dvh lg:flex">
        <aside
          className={cx(
            "sticky top-0 hidden h-dvh shrink-0 flex-col gap-2 border-r border-line bg-sunken py-3 lg:flex",
            judging ? "w-14 px-2" : "w-60 px-3",
          )}
        >
          {rail(judging)}
        </aside>
        {judging ? null : (
          <div className="sticky top-0 z-30 flex h-14 items-center gap-1 border-b border-line bg-canvas px-2 lg:hidden">
            <ShellMenuButton />
            <div className="min-w-0 flex-1 truncate px-1 font-medium">{project?.name ?? <Logo />}</div>
            <div className="shrink-0">
              <AccountMenu viewer={viewer} compact />
            </div>
          </div>
        )}
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          {children}
        </main>
      </div>
      <Dialog.Root open={drawer} onOpenChange={setDrawer}>
        <Dialog.Portal>
          <Dialog.Backdrop className="backdrop fixed inset-0 z-40" />
          <Dialog.Popup className="fixed inset-y-0 left-0 z-40 flex w-[min(18rem,calc(100vw-56px))] flex-col gap-2 border-r border-line bg-sunken px-3 py-3 outline-none">
            <Dialog.Title className="sr-only">{t("mainNavigation")}</Dialog.Title>
            <Dialog.Close
              aria-label={t("closeMenu")}
              className="absolute top-3 right-2 inline-flex size-10 items-center justify-center rounded-md text-muted hover:bg-line/50 pointer-coarse:size-11"
            >
              <X aria-hidden className="size-5" />
            </Dialog.Close>
            {rail(false)}
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
      <CommandPalette open={palette} onOpenChange={setPalette} place={place} projects={projects} />
    </ShellMenuContext>
  );
}
