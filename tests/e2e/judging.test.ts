import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { Visitor } from "../helpers/visitor";
import { answer, press, promptText, saved, settledMs } from "./steps/compare";
import { ben, join } from "./steps/people";
import { jsonLines } from "./steps/projects";
import { type StoredVote, storedSkipsAndReports, storedVotes } from "./steps/stored";
import { stories } from "./steps/stories";

const visit = story();
let admin: Visitor;
let projectId = "";
let annotator: Person;

type Settings = Omit<Parameters<Visitor["trpc"]["projects"]["update"]["mutate"]>[0], "projectId">;

/** The project asks differently, and the page is opened anew. */
async function asks(settings: Settings): Promise<Page> {
  await admin.trpc.projects.update.mutate({ projectId, ...settings });
  const { page } = annotator;
  await page.reload();
  await promptText(page).waitFor();
  await page.waitForTimeout(settledMs);
  return page;
}

/** The newest vote, by position: negative for the answer that stood left. */
function newest(): Pick<StoredVote, "bothBad" | "reason" | "criteria" | "guidelineVersion"> & {
  verdict: number | null;
} {
  const { left, verdict, bothBad, reason, criteria, guidelineVersion } = storedVotes(visit().product.dataDir).at(
    -1,
  ) as StoredVote;
  const turned = (value: number) => (left === "a" || value === 0 ? value : -value);
  return {
    ...{ bothBad, reason, guidelineVersion },
    verdict: verdict === null ? null : turned(verdict),
    criteria: Object.fromEntries(Object.entries(criteria).map(([name, value]) => [name, turned(value)])),
  };
}

/** Presses keys with time between them, as two within a moment count as one. */
async function keys(page: Page, ...pressed: string[]): Promise<void> {
  for (const key of pressed) {
    await page.keyboard.press(key);
    await page.waitForTimeout(settledMs);
  }
}

/** Goes from control to control as far as the named one, and presses it. */
async function tabTo(page: Page, name: string): Promise<void> {
  const there = () =>
    page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent);
  for (let at = 0; at < 60; at++) {
    await page.keyboard.press("Tab");
    if ((await there()) === name) return page.keyboard.press("Enter");
  }
  throw new Error(`No control "${name}" is reached by Tab.`);
}

const said = (text: string, role: "user" | "assistant" = "assistant") => [{ role, content: text }];

test("a project with guidelines, one pair to practise on and sixteen to judge", async () => {
  const { product } = visit();
  admin = new Visitor(product.url);
  await admin.post("/api/sign-in-link", { token: new URL(product.signInLink ?? "").searchParams.get("token") });
  projectId = (await admin.trpc.projects.create.mutate({ name: "Keys only" })).id;
  const { importId } = await admin.post<{ importId: string }>(
    `/api/import/${projectId}?fileName=a.jsonl`,
    jsonLines(stories(16)),
  );
  const { mapping } = await admin.trpc.imports.preview.query({ projectId, importId });
  await admin.trpc.imports.commit.mutate({ projectId, importId, mapping });
  await admin.trpc.guidelines.publish.mutate({ projectId, text: "Prefer the true answer.", examples: [], base: 0 });
  const pair = { prompt: said("Is snow warm?", "user"), a: said("Yes."), b: said("No.") };
  await admin.trpc.practice.save.mutate({
    projectId,
    pair: { ...pair, verdict: 3, bothBad: false, why: "Snow is *cold*." },
  });
  await admin.trpc.projects.update.mutate({ projectId, practicePairs: 1 });
  annotator = await visit().person();
  const { url } = await admin.trpc.invites.create.mutate({ projectId, role: "annotator" });
  await join(annotator.page, url, ben);
});

test("guidelines are read and practice is done before the first real pair, by keyboard alone", async () => {
  const { page } = annotator;
  await page.getByRole("heading", { name: "Before you begin" }).waitFor();
  await tabTo(page, "I have read them");
  await page.getByText("Practice 1 of 1").waitFor();
  await page.locator("[data-testid=answer-right][data-seen=true]").waitFor();
  await page.waitForTimeout(settledMs);
  await page.keyboard.press("6");
  await page.getByText("Nearly: the strength differs.").waitFor();
  await page.getByText("Snow is cold.").waitFor();
  // The button has the focus.
  await page.keyboard.press("Enter");
  await promptText(page).waitFor();
  await page.getByText("Practice").waitFor({ state: "detached" });
  await press(page, "3");
  await saved(page);
  expect(newest()).toEqual({ verdict: -1, bothBad: false, reason: null, criteria: {}, guidelineVersion: 1 });
  expect(storedVotes(visit().product.dataDir)).toHaveLength(1);
});

test("guidelines that change are shown before the next pair, with what has changed", async () => {
  const { page } = annotator;
  const text = "Prefer the true and short answer.";
  await admin.trpc.guidelines.publish.mutate({ projectId, text, examples: [], change: "Short ones.", base: 1 });
  await page.waitForTimeout(settledMs);
  await page.keyboard.press("3");
  await page.getByRole("heading", { name: "The guidelines have changed" }).waitFor();
  await page.getByRole("tab", { name: "What has changed" }).click();
  await page.locator("ins", { hasText: "and short" }).waitFor();
  await tabTo(page, "I have read them");
  await promptText(page).waitFor();
  await press(page, "4");
  await saved(page);
  expect(newest()).toMatchObject({ verdict: 0, guidelineVersion: 2 });
});

test("each scale has its keys, and both bad where it is offered", async () => {
  const page = await asks({ verdictSteps: 3 });
  await press(page, "ArrowRight");
  await saved(page);
  expect(newest().verdict).toBe(2);
  await asks({ verdictSteps: 2 });
  expect(await page.getByRole("group", { name: "Your verdict" }).getByRole("button").count()).toBe(2);
  await keys(page, "=");
  await press(page, "ArrowLeft");
  await saved(page);
  expect(newest().verdict).toBe(-2);
  await press(page, "b");
  await saved(page);
  expect(newest()).toMatchObject({ verdict: null, bothBad: true });
  await asks({ allowBothBad: false });
  const before = await promptText(page).textContent();
  await keys(page, "b");
  expect(await promptText(page).textContent()).toBe(before);
});

test("criteria are judged one after the other, the whole last", async () => {
  const page = await asks({ verdictSteps: 7, allowBothBad: true, criteria: ["Tone", "Facts"] });
  await page.getByText("1 of 3: Tone").waitFor();
  await keys(page, "1");
  await page.getByText("2 of 3: Facts").waitFor();
  await keys(page, "5", "u");
  await page.getByText("2 of 3: Facts").waitFor();
  await keys(page, "6");
  await press(page, "7");
  await saved(page);
  expect(newest()).toMatchObject({ verdict: 3, criteria: { Tone: -3, Facts: 2 } });
});

test("a reason is asked for, written or chosen by number", async () => {
  const page = await asks({ criteria: [], reasonRequired: true });
  await keys(page, "2");
  await answer(page, async () => {
    await page.keyboard.type("Says it in one line.");
    await page.keyboard.press("Enter");
  });
  await saved(page);
  expect(newest()).toMatchObject({ verdict: -2, reason: "Says it in one line." });
  await asks({ reasonChoices: ["Shorter", "Truer"] });
  await keys(page, "6");
  await press(page, "2");
  await saved(page);
  expect(newest()).toMatchObject({ verdict: 2, reason: "Truer" });
});

test("a pair is skipped with a reason or reported with a note", async () => {
  const page = await asks({ reasonRequired: false, reasonChoices: [] });
  await keys(page, "s");
  await press(page, "2");
  await keys(page, "f");
  await tabTo(page, "Close");
  await keys(page, "f");
  await page.getByLabel("Note").focus();
  await page.keyboard.type("A phone number");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("3");
  await page.getByText("Reported. The pair stays here").waitFor();
  await saved(page);
  await expect
    .poll(() => storedSkipsAndReports(visit().product.dataDir))
    .toEqual({ skips: ["topic"], reports: [{ problem: "private", note: "A phone number" }] });
});

test("an earlier vote is changed among one's own within the time for it, and not after", async () => {
  const { page } = annotator;
  const count = storedVotes(visit().product.dataDir).length;
  await keys(page, "h");
  await tabTo(page, "Change");
  await page.getByText("What you said before stays on record.").waitFor();
  await tabTo(page, "Left is much better");
  await tabTo(page, "Save the change");
  await page.getByText("changed", { exact: true }).waitFor();
  expect(newest().verdict).toBe(-3);
  expect(storedVotes(visit().product.dataDir)).toHaveLength(count);
  await asks({ changeMinutes: 0 });
  await keys(page, "h");
  await page.getByText(`${count} votes today`).first().waitFor();
  expect(await page.getByRole("button", { name: "Change" }).count()).toBe(0);
  await page.keyboard.press("Escape");
});

test("on a phone the verdicts are under the thumb, each step's button large enough", async () => {
  const { page } = annotator;
  await page.setViewportSize({ width: 390, height: 844 });
  for (const verdictSteps of [7, 3, 2]) {
    await asks({ verdictSteps, criteria: verdictSteps === 7 ? ["Tone"] : [] });
    const boxes = await Promise.all(
      (
        await page
          .getByRole("group", { name: /Your verdict|Tone/ })
          .getByRole("button")
          .all()
      ).map((b) => b.boundingBox()),
    );
    expect(boxes).toHaveLength(verdictSteps);
    for (const box of boxes) {
      expect(box?.y).toBeGreaterThan(844 / 2);
      expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    }
  }
  expect(annotator.trouble).toEqual([]);
});
