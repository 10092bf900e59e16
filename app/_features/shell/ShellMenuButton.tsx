"use client";
import { Menu } from "lucide-react";
import { useTranslations } from "next-intl";
import { useContext } from "react";
import { cx } from "@/app/_ui/cx";
import { ShellMenuContext } from "./shellMenu";

/** Opens the navigation where there is no room for the rail. The compare page, which has no top bar, puts it into its own header. */
export function ShellMenuButton({ className }: { className?: string }) {
  const t = useTranslations("shell");
  const open = useContext(ShellMenuContext);
  if (!open) return null;
  return (
    <button
      type="button"
      aria-label={t("openMenu")}
      onClick={open}
      className={cx(
        "inline-flex size-10 shrink-0 items-center justify-center rounded-md text-ink hover:bg-sunken lg:hidden pointer-coarse:size-11",
        className,
      )}
    >
      <Menu aria-hidden className="size-5" />
    </button>
  );
}
