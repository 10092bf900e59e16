"use client";
import { Menu } from "@base-ui/react/menu";
import { Check } from "lucide-react";
import { useTranslations } from "next-intl";
import { menuItemClass, menuLabelClass } from "@/app/_ui/menuClass";
import { type Theme, themes } from "@/app/_ui/theme";
import { type Locale, locales } from "@/i18n/locale";
import { usePreferences } from "./usePreferences";

/** Language and appearance, as two groups of a menu. */
export function PreferenceItems() {
  const t = useTranslations("shell");
  const { locale, theme, setLocale, setTheme } = usePreferences();
  return (
    <>
      <Menu.RadioGroup value={locale} onValueChange={(next) => setLocale(next as Locale)}>
        <Menu.GroupLabel className={menuLabelClass}>{t("language")}</Menu.GroupLabel>
        {locales.map((one) => (
          <Choice key={one} value={one} label={t(`languages.${one}`)} />
        ))}
      </Menu.RadioGroup>
      <Menu.RadioGroup value={theme} onValueChange={(next) => setTheme(next as Theme)}>
        <Menu.GroupLabel className={menuLabelClass}>{t("theme")}</Menu.GroupLabel>
        {themes.map((one) => (
          <Choice key={one} value={one} label={t(`themes.${one}`)} />
        ))}
      </Menu.RadioGroup>
    </>
  );
}

function Choice({ value, label }: { value: string; label: string }) {
  return (
    <Menu.RadioItem value={value} className={menuItemClass}>
      <span className="w-4 shrink-0">
        <Menu.RadioItemIndicator>
          <Check aria-hidden className="size-4" />
        </Menu.RadioItemIndicator>
      </span>
      {label}
    </Menu.RadioItem>
  );
}
