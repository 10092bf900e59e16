"use client";
import { useTranslations } from "next-intl";
import { useCallback } from "react";
import type { SnapshotRunKind } from "@/trainer/contracts/runConfig";
import { type ConfigField, titleOf } from "@/trainer/contracts/schema";
import { pathOf } from "@/trainer/contracts/settings";

interface SettingWords {
  readonly label: string;
  readonly help: string;
  /** Where the default comes from; null where the schema names nothing. */
  readonly source: string | null;
}

/** What a setting is called and what it means: the schema's words, unless the page's language has its own. */
export function useSettingWords(kind: SnapshotRunKind): (setting: ConfigField) => SettingWords {
  const t = useTranslations("fields");
  return useCallback(
    (setting) => {
      const { field } = setting;
      // A kind of run may mean something of its own by a field that others have too.
      const places = [`${kind}.${pathOf(setting)}`, pathOf(setting)];
      const own = (word: string) => {
        const place = places.find((at) => t.has(`${at}.${word}`));
        return place ? t(`${place}.${word}`) : null;
      };
      return {
        label: own("label") ?? titleOf(setting),
        help: own("help") ?? field.description ?? "",
        source: own("source") ?? field.source ?? null,
      };
    },
    [t, kind],
  );
}
