// `npm run screenshots -- [--only REGEX] [--looks REGEX] [--into FOLDER]`: fills a product on a temporary folder, trains
// on it and takes a picture of every page and state, on a desktop and a phone, light and dark, in both languages.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../tests/helpers/chromium";
import { openView, phone, windowOf } from "../tests/helpers/demo/browse";
import { fillProduct } from "../tests/helpers/demo/project";
import { viewsOf } from "../tests/helpers/demo/views";
import { startProduct } from "../tests/helpers/product";

const { values: options } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    looks: { type: "string", default: "" },
    into: { type: "string", default: "screenshots" },
  },
});

const screens = { desktop: { viewport: { width: 1280, height: 800 } }, phone: { ...phone, deviceScaleFactor: 2 } };
const looks = (["en", "zh"] as const)
  .flatMap((locale) => (["light", "dark"] as const).map((theme) => ({ locale, theme })))
  .flatMap((look) => (["desktop", "phone"] as const).map((screen) => ({ ...look, screen })))
  .map((look) => ({ ...look, name: `${look.screen}-${look.theme}-${look.locale}` }))
  .filter(({ name }) => new RegExp(options.looks).test(name));

const product = await startProduct();
const browser = await launchChromium();
try {
  console.log(`Filling ${product.url}; two models are trained, which takes some minutes …`);
  const demo = await fillProduct(product, { epochs: 3 });
  const views = viewsOf(demo).filter(({ name }) => new RegExp(options.only).test(name));
  await mkdir(options.into, { recursive: true });
  for (const { screen, theme: colorScheme, locale, name } of looks) {
    for (const looker of ["nobody", "admin", "annotator"] as const) {
      const context = await windowOf(browser, demo, { ...screens[screen], colorScheme, looker, locale });
      for (const view of views.filter((one) => one.as === looker)) {
        const page = await openView(context, demo, view, locale);
        const path = join(options.into, `${view.name}-${name}.png`);
        await page.screenshot({ path, fullPage: !view.act });
        await page.close();
      }
      await context.close();
    }
  }
  console.log(`${views.length * looks.length} pictures are in ${options.into}.`);
} finally {
  await browser.close();
  await product.stop();
}
