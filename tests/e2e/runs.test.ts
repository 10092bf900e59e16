import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import { tinyQwenGguf } from "../helpers/tinyGguf";
import type { Person } from "../helpers/visit";
import { open } from "./steps/open";
import { ada, setUp } from "./steps/people";
import { tableRows } from "./steps/projects";
import { set } from "./steps/runs";

const visit = story();
const project = "/projects/demo-warmth";
const runs = `${project}/runs`;
/** So many that a chart's table, of at most fifty rows, shows each of them. */
const steps = 25;

let admin: Person;
/** Addresses of the runs that the story makes. */
const made: Record<"kept" | "failed" | "cancelled", string> = { kept: "", failed: "", cancelled: "" };

const state = (page: Page, word: string) => page.getByRole("main").getByText(word, { exact: true }).first();

/** The form for a quick DPO run, with its advanced part open. */
async function openForm(page: Page): Promise<void> {
  await open(page, `${runs}/new`);
  await page.getByRole("radio", { name: "Quick" }).click();
  await page.getByText("Advanced", { exact: true }).click();
}

async function train(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await page.waitForURL(/\/runs\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

/** Waits until the page has told of a step. */
async function reaches(page: Page, step: number): Promise<void> {
  const text = page.getByRole("main").getByText(/^Step \d+ of \d+$/);
  await expect
    .poll(async () => Number((await text.textContent())?.match(/\d+/)?.[0]), { timeout: 240_000, interval: 100 })
    .toBeGreaterThanOrEqual(step);
}

/** The loss curve's numbers: step, training and held-out loss as the page words them. */
async function lossTable(page: Page): Promise<string[][]> {
  const chart = page.getByRole("figure").filter({ has: page.getByRole("img", { name: /^Chart: Loss/ }) });
  await chart.getByText("Show as a table").click();
  await tableRows(page, "Loss").nth(1).waitFor();
  const rows = await tableRows(page, "Loss").all();
  return Promise.all(rows.slice(1).map((row) => row.getByRole("cell").allInnerTexts()));
}

test("one preset is recommended, and a wrong setting is refused at its field", async () => {
  // The page is cut off from the server for a while, on purpose.
  admin = await visit().person({ expected: [/ERR_INTERNET_DISCONNECTED/] });
  const { page } = admin;
  await setUp(page, visit().product.signInLink, ada);
  await openForm(page);
  await page.getByRole("radio", { name: /^Balanced Recommended/ }).waitFor();
  await set(page, "Data and steps", "batchSize", "2.5");
  await page.getByText("Enter a whole number.").waitFor();
  expect(await page.getByRole("button", { name: "Train", exact: true }).isDisabled()).toBe(true);
  await set(page, "Data and steps", "batchSize", "16");
  await set(page, "Data and steps", "maxSteps", String(steps));
  await page.getByText("2 values changed").first().waitFor();
  made.kept = await train(page);
});

test("the page lives: curves, a sentence and samples while it trains", async () => {
  const { page } = admin;
  await page.getByRole("img", { name: /^Chart: Loss/ }).waitFor({ timeout: 120_000 });
  await page.getByRole("heading", { name: "Samples" }).waitFor();
  await reaches(page, 3);
  await state(page, "Training").waitFor();
  expect(await page.locator("[data-curve=drift]").getAttribute("data-state")).toBe("tooEarly");
}, 200_000);

test("after a reload a pause holds it; it goes on, also while the connection is lost", async () => {
  const { page, context } = admin;
  await open(page, made.kept);
  await reaches(page, 8);
  await page.getByRole("button", { name: "Pause" }).click();
  await state(page, "Paused").waitFor({ timeout: 60_000 });
  const paused = (await page.getByText(/^Paused after step \d+$/).textContent()) ?? "";
  await page.getByRole("button", { name: "Resume" }).click();
  await reaches(page, Number(paused.match(/\d+/)?.[0]) + 2);
  await context.setOffline(true);
  await page.waitForTimeout(4_000);
  await context.setOffline(false);
  await page.getByText("The tuned model is ready.").waitFor({ timeout: 300_000 });
  await page.getByText(paused, { exact: true }).waitFor();
}, 400_000);

test("whoever stayed has every step once, as somebody who comes afterwards", async () => {
  const { page, context } = admin;
  const stayed = await lossTable(page);
  expect(stayed.map(([step]) => Number(step))).toEqual(Array.from({ length: steps + 1 }, (_, i) => i));
  for (const [step, training] of stayed.slice(1)) expect(training, `step ${step}`).toMatch(/^\d/);
  const later = await context.newPage();
  await open(later, made.kept);
  await later.getByText("The tuned model is ready.").waitFor();
  expect(await lossTable(later)).toEqual(stayed);
  await later.close();
}, 60_000);

test("a run whose steps are far too large ends failed, with what to do", async () => {
  const { page } = admin;
  await openForm(page);
  await set(page, "Optimizer", "optimizer.learningRate", "1");
  await set(page, "Optimizer", "optimizer.warmupRatio", "0");
  await set(page, "Data and steps", "maxSteps", "60");
  await set(page, "Evaluation, samples and checkpoints", "divergenceFactor", "1.01");
  made.failed = await train(page);
  await page.getByText("The run failed", { exact: true }).waitFor({ timeout: 200_000 });
  await state(page, "Failed").waitFor();
  await page.getByText(/train again with a learning rate of about/).waitFor();
}, 250_000);

test("a run is cancelled after its step, without a model", async () => {
  const { page } = admin;
  await open(page, made.kept);
  await page.getByRole("button", { name: "Train again" }).click();
  await page.waitForURL((url) => url.pathname !== made.kept);
  made.cancelled = new URL(page.url()).pathname;
  await reaches(page, 2);
  await page.getByRole("button", { name: "Cancel run" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Cancel run" }).click();
  await page.getByText(/Cancelled at step \d+\. No model was saved\./).waitFor({ timeout: 60_000 });
}, 250_000);

test("two runs side by side: only what differs in their settings, or all of it", async () => {
  const { page } = admin;
  await open(page, runs);
  const boxes = page.getByRole("checkbox", { name: /^Compare DPO/ });
  await expect.poll(() => boxes.count()).toBe(3);
  await boxes.nth(1).check();
  await boxes.nth(2).check();
  await page.getByRole("link", { name: "Compare (2)" }).click();
  await page.getByRole("heading", { name: "Compare runs", level: 1 }).waitFor();
  const settings = tableRows(page, "Settings");
  await settings.nth(1).waitFor();
  const names = async () => {
    const rows = (await settings.all()).slice(1);
    return Promise.all(rows.map((row) => row.getByRole("cell").first().textContent()));
  };
  expect(await names()).toEqual([
    "optimizer.learningRate",
    "optimizer.warmupRatio",
    "batchSize",
    "maxSteps",
    "evalEvery",
    "checkpointEvery",
    "divergenceFactor",
  ]);
  await page.getByRole("switch", { name: "Show all" }).click();
  expect((await names()).length).toBeGreaterThan(30);
  await page.getByRole("img", { name: /^Chart: Accuracy/ }).waitFor();
}, 60_000);

test("a run is deleted with its model after saying so", async () => {
  const { page } = admin;
  await open(page, made.kept);
  await page.getByRole("button", { name: "Delete run" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText(/its model “DPO, snapshot 1” \(\d/).waitFor();
  await dialog.getByRole("button", { name: "Delete run" }).click();
  await page.waitForURL(`**${runs}`);
  await expect.poll(() => page.getByRole("checkbox", { name: /^Compare DPO/ }).count()).toBe(2);
  await open(page, `${project}/models`);
  await page.getByText("Your own models appear here").waitFor();
});

test("a model is sent from this computer, checked and added; files that make none are refused at once", async () => {
  const { page } = admin;
  await open(page, `${project}/models`);
  await page.getByRole("button", { name: "Add a model" }).click();
  const dialog = page.getByRole("dialog");
  const choose = async (...files: { name: string; buffer: Buffer }[]) => {
    const chooser = page.waitForEvent("filechooser");
    await dialog.getByRole("button", { name: "Choose files" }).click();
    await (await chooser).setFiles(files.map((file) => ({ mimeType: "application/octet-stream", ...file })));
  };
  await choose({ name: "notes.bin", buffer: Buffer.from("x") });
  await dialog.getByRole("alert").filter({ hasText: "needs its tokenizer.bin" }).waitFor();
  await choose({ name: "tiny-qwen.gguf", buffer: tinyQwenGguf() });
  await dialog.getByText("tiny-qwen.gguf was sent").waitFor();
  await dialog.getByRole("listitem").filter({ hasText: "tiny-qwen.gguf" }).getByText("Added").waitFor();
  await dialog.getByRole("tab", { name: "Model hub" }).click();
  await dialog.getByLabel("Model id").fill("../elsewhere");
  await dialog.getByRole("button", { name: "Look it up" }).click();
  await dialog.getByText("Write owner/name").waitFor();
  await page.keyboard.press("Escape");
  await page.getByText("Upload: tiny-qwen.gguf").waitFor();
}, 60_000);

test("nobody's browser met with trouble", () => {
  expect(admin.trouble).toEqual([]);
});
