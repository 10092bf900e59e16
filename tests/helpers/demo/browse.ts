import { readFileSync } from "node:fs";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import type { Demo } from "./project";
import type { Looker, View } from "./views";

export type Locale = "en" | "zh";

/** A phone as Chromium plays it. */
export const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

/** The interface's words, by `namespace.key.key`. */
function words(locale: Locale): (key: string) => string {
  return (key) => {
    const [namespace, ...path] = key.split(".");
    let found: unknown = JSON.parse(readFileSync(`messages/${locale}/${namespace}.json`, "utf8"));
    for (const step of path) found = (found as Record<string, unknown>)[step];
    return String(found);
  };
}

/** A browser window of somebody's, in a language. Nothing moves in it, so that a page is looked at once it is there. */
export async function windowOf(
  browser: Browser,
  demo: Demo,
  { looker, locale = "en", ...options }: Omit<BrowserContextOptions, "locale"> & { looker: Looker; locale?: Locale },
): Promise<BrowserContext> {
  const context = await browser.newContext({ ...options, reducedMotion: "reduce" });
  const url = demo.admin.origin;
  await context.addCookies([{ name: "tiebreak-locale", value: locale, url }]);
  if (looker !== "nobody") await demo[looker].enter(context);
  return context;
}

/** Opens a view and waits until fonts are there, nothing is a placeholder any more and charts are drawn. */
export async function openView(context: BrowserContext, demo: Demo, view: View, locale: Locale = "en"): Promise<Page> {
  const page = await context.newPage();
  if (view.waiting) await page.route("**/api/trpc/**", () => {});
  if (view.failing) await page.route("**/api/trpc/**", (route) => route.abort());
  await page.goto(demo.admin.origin + view.path, { waitUntil: "load" });
  await view.act?.(page, words(locale));
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  if (!view.waiting) await page.waitForFunction(() => !document.querySelector(".skeleton"), null, { timeout: 10_000 });
  await page.waitForTimeout(300);
  return page;
}
