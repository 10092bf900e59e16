"use client";
import { Dialog } from "@base-ui/react/dialog";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { cx } from "@/app/_ui/cx";
import { atLeast } from "@/server/domain/roles";
import { areaHref, areasFor, homeOf, type Place } from "./navigation";
import type { ProjectEntry } from "./ProjectSwitcher";
import { filterEntries, type PaletteEntry } from "./paletteEntries";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  place: Place;
  projects: readonly ProjectEntry[];
}

/** Ctrl K or ⌘K: go anywhere by typing a few letters. */
export function CommandPalette({ open, onOpenChange, place, projects }: Props) {
  const t = useTranslations("shell");
  useEffect(() => {
    function onKey(event: globalThis.KeyboardEvent) {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey)
        return;
      event.preventDefault();
      onOpenChange(true);
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onOpenChange]);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop fixed inset-0 z-40" />
        <Dialog.Popup className="fixed top-[12dvh] left-1/2 z-40 flex max-h-[70dvh] w-[calc(100vw-24px)] max-w-xl -translate-x-1/2 flex-col overflow-hidden rounded-xl border border-line bg-raised shadow-lg outline-none">
          <Dialog.Title className="sr-only">{t("palette.title")}</Dialog.Title>
          <PaletteList place={place} projects={projects} onDone={() => onOpenChange(false)} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function usePaletteEntries(place: Place, projects: readonly ProjectEntry[]): readonly PaletteEntry[] {
  const t = useTranslations("shell");
  const { projectId } = place;
  const role = projects.find((project) => project.id === projectId)?.role;
  const pages =
    projectId && role
      ? areasFor(role).map((area): PaletteEntry => {
          return { key: area.key, group: "pages", label: t(`nav.${area.key}`), href: areaHref(projectId, area) };
        })
      : [];
  // A part of a page that people look for by its own name.
  const machine: PaletteEntry[] =
    projectId && role && atLeast(role, "admin")
      ? [{ key: "machine", group: "pages", label: t("nav.machine"), href: `/projects/${projectId}/settings#machine` }]
      : [];
  return [
    ...pages,
    ...machine,
    { key: "all", group: "pages", label: t("nav.projects"), href: "/projects" },
    ...projects.map((project): PaletteEntry => {
      return { key: project.id, group: "projects", label: project.name, href: homeOf(project.id, project.role) };
    }),
  ];
}

function PaletteList({ place, projects, onDone }: Pick<Props, "place" | "projects"> & { onDone: () => void }) {
  const t = useTranslations("shell");
  const router = useRouter();
  const id = useId();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const entries = filterEntries(usePaletteEntries(place, projects), query);
  function go(entry: PaletteEntry | undefined) {
    if (!entry) return;
    onDone();
    router.push(entry.href);
  }
  function onKeyDown(event: KeyboardEvent) {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && entries.length > 0) {
      event.preventDefault();
      const next = (active + step + entries.length) % entries.length;
      setActive(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      go(entries[active]);
    }
  }
  return (
    <>
      <input
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={entries[active] ? `${id}-${active}` : undefined}
        aria-label={t("palette.placeholder")}
        placeholder={t("palette.placeholder")}
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        className="h-12 shrink-0 border-b border-line bg-transparent px-4 text-base outline-none"
      />
      <div role="listbox" id={`${id}-list`} aria-label={t("palette.title")} className="min-h-0 overflow-y-auto p-1.5">
        {entries.map((entry, index) => (
          <div key={`${entry.group}:${entry.key}`}>
            {entries[index - 1]?.group !== entry.group ? (
              <p className="px-2.5 pt-2 pb-1 text-[12px] font-medium text-muted">{t(`palette.${entry.group}`)}</p>
            ) : null}
            {/* biome-ignore lint/a11y/useKeyWithClickEvents: the field above takes the keys */}
            <div
              role="option"
              tabIndex={-1}
              id={`${id}-${index}`}
              aria-selected={index === active}
              onPointerMove={() => setActive(index)}
              onClick={() => go(entry)}
              className={cx(
                "flex min-h-9 cursor-default items-center rounded-sm px-2.5 pointer-coarse:min-h-11",
                index === active && "bg-accent-soft",
              )}
            >
              {entry.label}
            </div>
          </div>
        ))}
        {entries.length === 0 ? (
          <p role="status" className="px-2.5 py-6 text-center break-words text-muted">
            {t("palette.empty", { query })}
          </p>
        ) : null}
      </div>
    </>
  );
}
