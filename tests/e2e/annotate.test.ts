import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { answer, nothingLeft, press, readPair, saved, settledMs } from "./steps/compare";
import { open } from "./steps/open";
import { ada, ben, eve, invite, join, setUp } from "./steps/people";
import { createProject, importRows } from "./steps/projects";
import { type StoredVote, storedVotes } from "./steps/stored";
import { stories } from "./steps/stories";

const visit = story();
const rows = stories(16);
const votesOf = (email: string): StoredVote[] =>
  storedVotes(visit().product.dataDir).filter((vote) => vote.email === email);
const promptsOf = (email: string): string[] => votesOf(email).map(({ prompt }) => prompt);
const submits = "**/api/trpc/annotate.submit*";

let link = "";
let annotator: Person;
/** What Ben has judged so far, in order. */
const judged: string[] = [];

async function vote(page: Page, key: string): Promise<void> {
  judged.push((await readPair(page)).prompt);
  await press(page, key);
}

/** The server has every vote, once and in order; the page says so, a blink before or after. */
async function allStored(page: Page): Promise<void> {
  await saved(page);
  await expect.poll(() => promptsOf(ben.email)).toEqual(judged);
}

test("two people are wanted for every pair", async () => {
  const { page } = await visit().person();
  await setUp(page, visit().product.signInLink, ada);
  const project = await createProject(page, "Rough weather");
  await open(page, `${project}/settings`);
  await page.getByLabel("Votes per pair").fill("2");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Everything is saved.").waitFor();
  await importRows(page, project, rows);
  link = await invite(page, project);
  await page.context().close();
  annotator = await visit().person({ expected: [/ERR_INTERNET_DISCONNECTED/, /ERR_FAILED/, /ERR_CONNECTION/] });
  await join(annotator.page, link, ben);
});

test("a key pressed twice, or two keys at once, give one vote", async () => {
  const { page } = annotator;
  for (const second of ["2", "6"]) {
    judged.push((await readPair(page)).prompt);
    const restocked = page.waitForResponse("**/api/trpc/annotate.claim*");
    await answer(page, async () => {
      await page.keyboard.press("2");
      await page.keyboard.press(second);
    });
    await restocked;
  }
  await allStored(page);
});

test("votes given offline wait, and arrive once each when the network is back", async () => {
  const { page, context } = annotator;
  await context.setOffline(true);
  await vote(page, "1");
  await vote(page, "7");
  await page.getByText("Offline, 2 waiting").waitFor();
  expect(promptsOf(ben.email)).toEqual(judged.slice(0, 2));
  await context.setOffline(false);
  await allStored(page);
});

test("a vote whose answer was lost is stored once and acknowledged in the end", async () => {
  const { page } = annotator;
  let lost = 0;
  await page.route(submits, async (route) => {
    if (lost > 0) return route.continue();
    lost += 1;
    await route.fetch();
    await route.abort("connectionreset");
  });
  await vote(page, "3");
  await page.getByText("1 waiting, trying again").waitFor();
  await allStored(page);
  expect(lost).toBe(1);
  await page.unroute(submits);
});

test("a reload keeps what could not be sent yet, and the pair on the page", async () => {
  const { page } = annotator;
  await page.route(submits, (route) => route.abort("failed"));
  await vote(page, "5");
  await page.getByText("1 waiting, trying again").waitFor();
  const before = await readPair(page);
  await page.reload();
  await page.getByText("1 waiting, trying again").waitFor();
  expect(await readPair(page)).toEqual(before);
  expect(promptsOf(ben.email)).toEqual(judged.slice(0, -1));
  await page.unroute(submits);
  await allStored(page);
});

test("the rest is judged by touch on a phone, the page never wider than its screen", async () => {
  const phone = await visit().person({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const { page } = phone;
  await join(page, link, eve);
  const answers = page.getByRole("group", { name: "The two answers" });
  const left = answers.getByRole("button", { name: "Left" });
  const right = answers.getByRole("button", { name: "Right" });
  await left.filter({ hasText: "Seen" }).waitFor();
  await page.waitForTimeout(settledMs);
  await page.getByRole("button", { name: "Left is better", exact: true }).tap();
  await page.getByRole("status").filter({ hasText: "Read the right answer to its end first" }).waitFor();
  for (let turn = 0; turn < rows.length; turn++) {
    await left.tap();
    await right.tap();
    await page
      .getByRole("button", { name: "RightSeen" })
      .or(right.filter({ hasText: "Seen" }))
      .waitFor();
    await answer(page, () => page.getByRole("button", { name: "Left is better", exact: true }).tap());
  }
  await nothingLeft(page).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  expect(await tooSmall(page.getByRole("button"))).toEqual([]);
  expect(phone.trouble).toEqual([]);
  expect(promptsOf(eve.email).sort()).toEqual(rows.map(({ prompt }) => prompt).sort());
}, 120_000);

/** Buttons that a finger misses: lower or narrower than 44 px. */
async function tooSmall(buttons: Locator): Promise<string[]> {
  const found: string[] = [];
  for (const button of await buttons.all()) {
    const box = await button.boundingBox();
    if (box && (box.width < 44 || box.height < 44))
      found.push(`${await button.textContent()} ${box.width} × ${box.height}`);
  }
  return found;
}

test("the two who judge a pair see it both ways round, and each person sees either answer left about as often", async () => {
  const { page } = annotator;
  while (await page.getByRole("region", { name: "Text of the prompt" }).isVisible()) await vote(page, "4");
  await nothingLeft(page).waitFor();
  expect(judged).toHaveLength(rows.length);
  // An item's balance comes first: at the very end a person may have to give way by one showing.
  for (const { email } of [ben, eve]) {
    const timesA = votesOf(email).filter(({ left }) => left === "a").length;
    expect(Math.abs(2 * timesA - rows.length), email).toBeLessThanOrEqual(2);
  }
  const both = storedVotes(visit().product.dataDir);
  for (const { prompt } of rows) {
    const sides = both.filter((vote) => vote.prompt === prompt).map(({ left }) => left);
    expect(sides.sort(), prompt).toEqual(["a", "b"]);
  }
});

test("what stood left on the page is what was stored as shown left", async () => {
  // Eve said "Left is better" of every pair: for her, stored verdicts prefer whichever response stood left.
  for (const { left, verdict } of votesOf(eve.email)) expect(verdict).toBe(left === "a" ? -2 : 2);
  expect(annotator.trouble).toEqual([]);
});
