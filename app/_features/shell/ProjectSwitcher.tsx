"use client";
import { Menu } from "@base-ui/react/menu";
import { Check, ChevronsUpDown } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { menuItemClass, menuPopupClass } from "@/app/_ui/menuClass";
import type { ProjectRole } from "@/server/domain/roles";
import { homeOf } from "./navigation";

export interface ProjectEntry {
  readonly id: string;
  readonly name: string;
  readonly role: ProjectRole;
}

export function ProjectSwitcher({ projects, current }: { projects: readonly ProjectEntry[]; current: string | null }) {
  const t = useTranslations("shell");
  const name = projects.find((project) => project.id === current)?.name;
  return (
    <Menu.Root>
      <Menu.Trigger
        aria-label={name ? `${t("switchProject")}: ${name}` : t("chooseProject")}
        className="flex h-10 w-full min-w-0 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-start hover:border-line-strong pointer-coarse:h-11"
      >
        <span className="min-w-0 flex-1 truncate font-medium">{name ?? t("chooseProject")}</span>
        <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="start" className="z-50">
          <Menu.Popup className={menuPopupClass}>
            {projects.map((project) => (
              <Menu.LinkItem
                key={project.id}
                render={<Link href={homeOf(project.id, project.role)} />}
                closeOnClick
                className={menuItemClass}
              >
                <span className="w-4 shrink-0">
                  {project.id === current ? <Check aria-hidden className="size-4" /> : null}
                </span>
                <span className="min-w-0 break-words">{project.name}</span>
              </Menu.LinkItem>
            ))}
            {projects.length > 0 ? <Menu.Separator className="my-1 border-t border-line" /> : null}
            <Menu.LinkItem render={<Link href="/projects" />} closeOnClick className={menuItemClass}>
              <span className="w-4 shrink-0" />
              {t("nav.projects")}
            </Menu.LinkItem>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
