import { type Browser, type BrowserContext, type BrowserContextOptions, chromium as launcher } from "playwright-core";

/** Its own launch flags are left out: they switch off the web's security. */
async function launchOptions() {
  // Makes the package unpack the shared libraries that a bare Linux lacks.
  process.env.AWS_EXECUTION_ENV ??= "AWS_Lambda_nodejs22.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  return {
    executablePath: await chromium.executablePath(),
    // Where the machine names none, Chromium makes up a language that no person's browser has and Intl refuses.
    env: { ...process.env, LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  };
}

/** The Chromium that comes as an npm package, headless. On a bare machine it brings its own libraries; it needs no root. */
export const launchChromium = async (): Promise<Browser> => launcher.launch(await launchOptions());

/** The same with a profile in a folder: what it keeps is there again when it is launched again. */
export const launchKeptChromium = async (profile: string, options: BrowserContextOptions): Promise<BrowserContext> =>
  launcher.launchPersistentContext(profile, { ...(await launchOptions()), locale: "en-GB", ...options });
