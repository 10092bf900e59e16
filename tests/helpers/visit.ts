import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { launchChromium } from "./chromium";
import { type Product, startProduct } from "./product";
import { watchTrouble } from "./trouble";

/** One person at a browser of their own: no cookie, store or cache is shared with anybody. */
export interface Person {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What went wrong in this browser so far, see `watchTrouble`. */
  readonly trouble: readonly string[];
}

/** The product on a fresh data folder, and a browser in which any number of people visit it. */
export interface Visit {
  readonly product: Product;
  /** `expected`: lines of trouble that the test causes on purpose. */
  person(options?: BrowserContextOptions & { expected?: readonly RegExp[] }): Promise<Person>;
  /** What every open page looks like now, as files for whoever reads a failed test. */
  photograph(name: string): Promise<void>;
  end(): Promise<void>;
}

const photos = "node_modules/.cache/tiebreak-tests/e2e";

export async function startVisit(): Promise<Visit> {
  const [product, browser] = await Promise.all([startProduct(), launchChromium()]);
  return {
    product,
    async person({ expected = [], ...options } = {}) {
      const context = await browser.newContext({
        baseURL: product.url,
        locale: "en-GB",
        viewport: { width: 1280, height: 800 },
        reducedMotion: "reduce",
        ...options,
      });
      context.setDefaultTimeout(30_000);
      const trouble = await watchTrouble(context, product.url, expected);
      return { context, page: await context.newPage(), trouble };
    },
    async photograph(name) {
      mkdirSync(photos, { recursive: true });
      const pages = browser.contexts().flatMap((context) => context.pages());
      for (const [index, page] of pages.entries())
        await page.screenshot({ path: join(photos, `${name.replace(/\W+/g, "-")}-${index}.png`) });
    },
    async end() {
      await browser.close();
      await product.stop();
    },
  };
}
