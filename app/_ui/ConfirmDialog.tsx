"use client";
import { AlertDialog as Base } from "@base-ui/react/alert-dialog";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "./Button";
import { ErrorNote } from "./ErrorNote";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** What will happen, to how many things, and whether it can be undone. */
  children: ReactNode;
  confirmLabel: string;
  /** Where "Cancel" could mean either. */
  keepLabel?: string;
  onConfirm: () => void;
  pending?: boolean;
  error?: unknown;
  tone?: "danger" | "primary";
}

/** Asks before something that people would regret. Escape and the first button leave everything as it is. */
export function ConfirmDialog({ tone = "danger", ...p }: Props) {
  const t = useTranslations("common");
  return (
    <Base.Root open={p.open} onOpenChange={p.onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="backdrop fixed inset-0 z-40" />
        <Base.Popup className="fixed top-1/2 left-1/2 z-40 max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] max-w-md -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-xl border border-line bg-raised p-5 shadow-lg outline-none">
          <Base.Title className="text-base font-semibold">{p.title}</Base.Title>
          <Base.Description render={<div />} className="mt-2 text-muted">
            {p.children}
          </Base.Description>
          {p.error ? <ErrorNote error={p.error} className="mt-3" /> : null}
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <Button onClick={() => p.onOpenChange(false)}>{p.keepLabel ?? t("cancel")}</Button>
            <Button variant={tone} pending={p.pending} onClick={p.onConfirm}>
              {p.confirmLabel}
            </Button>
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
