"use client";
import { Menu } from "@base-ui/react/menu";
import { Languages } from "lucide-react";
import { useTranslations } from "next-intl";
import { menuPopupClass } from "@/app/_ui/menuClass";
import { PreferenceItems } from "./PreferenceItems";
import { usePreferences } from "./usePreferences";

/** Language and appearance for pages without an account menu. */
export function PreferenceMenu() {
  const t = useTranslations("shell");
  const { locale } = usePreferences();
  return (
    <Menu.Root>
      <Menu.Trigger
        aria-label={`${t("language")}, ${t("theme")}`}
        className="inline-flex h-9 items-center gap-2 rounded-md px-3 text-muted hover:bg-sunken hover:text-ink pointer-coarse:h-11"
      >
        <Languages aria-hidden className="size-4" />
        {t(`languages.${locale}`)}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={4} align="end" className="z-50">
          <Menu.Popup className={menuPopupClass}>
            <PreferenceItems />
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
