"use client";
import { useRouter } from "next/navigation";
import { useLocale } from "next-intl";
import { useEffect, useState } from "react";
import { writePreferenceCookie } from "@/app/_ui/preferenceCookie";
import { readTheme, type Theme, themeCookie } from "@/app/_ui/theme";
import { type Locale, localeCookie } from "@/i18n/locale";

/** This browser's language and appearance. Both live in cookies, so the server already answers in them. */
export function usePreferences() {
  const router = useRouter();
  const locale = useLocale() as Locale;
  const [theme, showTheme] = useState<Theme>("system");
  useEffect(() => showTheme(readTheme(document.documentElement.dataset.theme)), []);
  return {
    locale,
    theme,
    setLocale(next: Locale) {
      writePreferenceCookie(localeCookie, next);
      router.refresh();
    },
    setTheme(next: Theme) {
      writePreferenceCookie(themeCookie, next);
      if (next === "system") delete document.documentElement.dataset.theme;
      else document.documentElement.dataset.theme = next;
      showTheme(next);
    },
  };
}
