export const locales = ["en", "zh"] as const;
export type Locale = (typeof locales)[number];

export const localeCookie = "tiebreak-locale";

const isLocale = (value: string | undefined): value is Locale => locales.some((locale) => locale === value);

/** The person's own choice; else the browser's first language that we have; else English. */
export function chooseLocale(cookie: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(cookie)) return cookie;
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().split(";");
      const quality = parameters.find((parameter) => parameter.trim().startsWith("q="));
      return { language: tag.slice(0, 2).toLowerCase(), quality: quality ? Number(quality.trim().slice(2)) : 1 };
    })
    .filter((entry) => entry.quality > 0)
    .sort((x, y) => y.quality - x.quality);
  return wanted.map((entry) => entry.language).find(isLocale) ?? "en";
}
