import type { Page } from "playwright-core";

/** Waits until the page's script is at work: a press before that is lost, as for anybody that quick. */
export async function awaitScript(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const controls = [...document.querySelectorAll("button, input, main a")];
    const taken = (control: Element) => Object.keys(control).some((key) => key.startsWith("__reactProps"));
    return document.readyState === "complete" && controls.every(taken);
  });
}

/** Goes to a page and waits until it can be used. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await awaitScript(page);
}
