"use client";
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useRef } from "react";
import { cx } from "./cx";

interface Props {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** Buttons, the main one last. */
  footer?: ReactNode;
  size?: "md" | "lg";
  /** `side` slides over the right edge, for text to keep at hand. */
  place?: "centre" | "side";
  children?: ReactNode;
}

const places = {
  centre:
    "top-1/2 left-1/2 max-h-[calc(100dvh-32px)] w-[calc(100vw-24px)] -translate-x-1/2 -translate-y-1/2 rounded-xl border",
  side: "inset-y-0 right-0 w-[min(32rem,calc(100vw-24px))] border-l",
};

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  footer,
  size = "md",
  place = "centre",
  children,
}: Props) {
  const t = useTranslations("common");
  const body = useRef<HTMLDivElement>(null);
  // A form begins at its first field; on a touch screen that would open the keyboard over it.
  const firstField = (how: string) =>
    how === "touch" ? true : (body.current?.querySelector<HTMLElement>("input:not([type=radio]), textarea") ?? true);
  return (
    <Base.Root open={open} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="backdrop fixed inset-0 z-40 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          initialFocus={firstField}
          className={cx(
            "fixed z-40 flex flex-col border-line bg-raised shadow-lg outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0",
            places[place],
            place === "centre" && (size === "lg" ? "max-w-3xl" : "max-w-lg"),
          )}
        >
          <header className="flex items-start justify-between gap-3 px-5 pt-4 pb-2">
            <div className="min-w-0">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {description ? <Base.Description className="mt-1 text-muted">{description}</Base.Description> : null}
            </div>
            <Base.Close
              aria-label={t("close")}
              className="-mr-2 inline-flex size-9 shrink-0 items-center justify-center rounded-md text-muted hover:bg-sunken hover:text-ink pointer-coarse:size-11"
            >
              <X aria-hidden className="size-4" />
            </Base.Close>
          </header>
          <div
            ref={body}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: an area that scrolls must be reachable by keyboard
            tabIndex={0}
            className="min-h-0 flex-1 overflow-y-auto px-5 pt-1 pb-5 -outline-offset-2"
          >
            {children}
          </div>
          {footer ? (
            <footer className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>
          ) : null}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
