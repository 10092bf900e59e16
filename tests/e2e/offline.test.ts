import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchChromium, launchKeptChromium } from "../helpers/chromium";
import { type Line, layLine } from "../helpers/line";
import { killProcessesNaming } from "../helpers/processes";
import { freePort, type Product, startProduct } from "../helpers/product";
import { nothingLeft, press, promptText, readPair, saved, settledMs } from "./steps/compare";
import { ada, ben, invite, join as joinProject, setUp } from "./steps/people";
import { createProject, importRows } from "./steps/projects";
import { storedVotes } from "./steps/stored";
import { stories } from "./steps/stories";

/** The product behind a line that can be cut, and Ben at a browser whose profile outlives its death. */
let product: Product;
let line: Line;
let project = "";
const profile = mkdtempSync(join(tmpdir(), "profile-"));
let browser: BrowserContext;
let page: Page;
const judged: string[] = [];

const openBrowser = async () => {
  browser = await launchKeptChromium(profile, { baseURL: line.url });
  page = browser.pages()[0] ?? (await browser.newPage());
};
const killBrowser = async () => {
  const closed = new Promise((resolve) => browser.once("close", resolve));
  killProcessesNaming(profile);
  await closed;
};
const stored = () => storedVotes(product.dataDir).map(({ prompt }) => prompt);

async function vote(key: string): Promise<void> {
  judged.push((await readPair(page)).prompt);
  await press(page, key);
}

beforeAll(async () => {
  const [port, publicPort] = [await freePort(), await freePort()];
  line = await layLine(publicPort, port);
  product = await startProduct({ port, env: { TIEBREAK_URL: line.url } });
  const admin = await launchChromium();
  const desk = await admin.newPage({ baseURL: line.url, locale: "en-GB" });
  await setUp(desk, product.signInLink, ada);
  project = await createProject(desk, "Far from any mast");
  await importRows(desk, project, stories(24));
  const link = await invite(desk, project);
  await admin.close();
  await openBrowser();
  await joinProject(page, link, ben);
  // Chromium writes cookies to the disk every half minute; closed in peace, at once.
  await browser.close();
  await openBrowser();
  await page.goto(`${project}/compare`);
});

afterAll(async () => {
  await browser?.close();
  await product?.stop();
  await line?.cut().catch(() => {});
});

test("takes pairs along, and says how many are here", async () => {
  await promptText(page).waitFor();
  await vote("2");
  await saved(page);
  await page.getByRole("button", { name: "Take 20 pairs along" }).click();
  await page.getByRole("button", { name: "20 pairs are here" }).waitFor();
  // The page and its files are kept once the worker has fetched them.
  await expect
    .poll(() => page.evaluate(async () => (await (await caches.open("tiebreak-pages")).keys()).length))
    .toBe(1);
});

test("ten votes without a network, the browser killed and opened again: all are there, in order, and so is the next pair", async () => {
  await line.cut();
  for (let i = 0; i < 10; i++) await vote(String(1 + (i % 7)));
  const next = await readPair(page);
  await page.getByText("10 waiting").waitFor();
  await killBrowser();
  expect(stored()).toEqual(judged.slice(0, 1));

  await openBrowser();
  await page.goto("/projects");
  await promptText(page).waitFor();
  expect(new URL(page.url()).pathname).toBe(`${project}/compare`);
  await page.getByText("10 waiting").waitFor();
  expect(await readPair(page)).toEqual(next);
  await vote("4");
  await page.getByText("11 waiting").waitFor();
});

test("back on the network every vote goes out, once and in the order it was given", async () => {
  await line.mend();
  await saved(page);
  await expect.poll(stored, { timeout: 20_000 }).toEqual(judged);
  expect(judged).toHaveLength(12);
  expect(storedVotes(product.dataDir).map(({ verdict }) => Math.abs(verdict ?? Number.NaN))).toEqual([
    2, 3, 2, 1, 0, 1, 2, 3, 3, 2, 1, 0,
  ]);
});

test("a device that runs out of pairs without a network says so, and goes on by itself", async () => {
  await line.cut();
  const cutOff = page.getByRole("heading", { name: "No connection, and no pair left here" });
  while (await promptText(page).isVisible()) {
    const { prompt } = await readPair(page);
    judged.push(prompt);
    await page.waitForTimeout(settledMs);
    await page.keyboard.press("2");
    await promptText(page).filter({ hasText: prompt }).waitFor({ state: "hidden" });
    await promptText(page).or(cutOff).waitFor();
  }
  await cutOff.waitFor();
  await line.mend();
  await nothingLeft(page).or(promptText(page)).waitFor({ timeout: 60_000 });
  await expect.poll(stored, { timeout: 20_000 }).toEqual(judged);
});

test("whoever signs out leaves neither page nor pair behind", async () => {
  await page
    .getByRole("button", { name: `Account: ${ben.name}` })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/sign-in**");
  await line.cut();
  await expect(page.goto(`${project}/compare`)).rejects.toThrow(/ERR_FAILED/);
  await line.mend();
});
