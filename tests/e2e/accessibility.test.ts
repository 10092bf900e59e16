import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium } from "../helpers/chromium";
import { openView, phone, windowOf } from "../helpers/demo/browse";
import { type Demo, fillProduct, trainAnew } from "../helpers/demo/project";
import { type View, viewsOf } from "../helpers/demo/views";
import { type Product, startProduct } from "../helpers/product";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wcag = { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] };
/** What another theme can change of a page that was looked at whole. */
const colours = { type: "rule", values: ["color-contrast", "link-in-text-block"] };

let product: Product;
let browser: Browser;
let demo: Demo;

beforeAll(async () => {
  product = await startProduct();
  browser = await launchChromium();
  demo = await fillProduct(product, { epochs: 1 });
}, 900_000);

afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** Opens each view as the person it is for, two at a time, and gathers what `look` finds there. */
async function visit(
  views: readonly View[],
  options: Omit<BrowserContextOptions, "locale">,
  look: (page: Page) => Promise<string[]>,
): Promise<string[]> {
  const faults: string[] = [];
  for (const looker of ["nobody", "admin", "annotator"] as const) {
    const context = await windowOf(browser, demo, { ...options, looker });
    const waiting = views.filter(({ as }) => as === looker);
    const lane = async () => {
      for (let view = waiting.shift(); view; view = waiting.shift()) {
        const page = await openView(context, demo, view);
        faults.push(...(await look(page)).map((fault) => `${view.name}: ${fault}`));
        await page.close();
      }
    };
    await Promise.all([lane(), lane()]);
    await context.close();
  }
  return faults;
}

/** What axe finds wrong, a line each: the rule, where, why. */
async function axe(page: Page, runOnly = wcag): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults, typeof wcag>(
    (runOnly) =>
      (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
        runOnly,
        resultTypes: ["violations"],
      }),
    runOnly,
  );
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target}: ${node.failureSummary}`));
}

async function widerThanWindow(page: Page): Promise<string[]> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
  return scrollWidth > clientWidth ? [`${scrollWidth} px wide in a window of ${clientWidth} px`] : [];
}

/** What a finger is to hit and may miss. Links within text are text. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        "button:not(.prose-link), summary, input:not([type=file]), [role=tab], nav a",
      ),
    ]
      .filter(
        (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[aria-hidden=true]"),
      )
      .map((element) => ({ element, box: (element.closest("label") ?? element).getBoundingClientRect() }))
      .filter(({ box }) => box.width > 1 && Math.min(box.width, box.height) < 43.5)
      .map(({ element, box }) => {
        const name = element.getAttribute("aria-label") ?? element.textContent;
        return `${element.tagName} "${name}" is ${Math.round(box.width)} × ${Math.round(box.height)} px`;
      }),
  );

test("axe finds nothing against WCAG 2.2 AA on any page, light or dark, and none scrolls sideways when zoomed", async () => {
  const look = async (page: Page) => {
    const faults: string[] = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const found = await axe(page, colorScheme === "light" ? wcag : colours);
      faults.push(...found.map((fault) => `${colorScheme}: ${fault}`));
    }
    // 200 % of a small desktop window, then 400 % (WCAG 1.4.10).
    for (const width of [640, 320]) {
      await page.setViewportSize({ width, height: 400 });
      faults.push(...(await widerThanWindow(page)));
    }
    return faults;
  };
  expect(await visit(viewsOf(demo), { viewport: { width: 1280, height: 800 } }, look)).toEqual([]);
}, 900_000);

test("on a phone axe finds nothing either, nothing scrolls sideways, and a finger has 44 px to hit", async () => {
  const look = async (page: Page) => [
    ...(await axe(page)),
    ...(await widerThanWindow(page)),
    ...(await smallTargets(page)),
  ];
  // The run that the first test looked at has ended by now.
  demo = await trainAnew(demo);
  // Placeholders and failures are the same pieces on any screen.
  const views = viewsOf(demo).filter(({ waiting, failing }) => !waiting && !failing);
  expect(await visit(views, phone, look)).toEqual([]);
}, 900_000);
