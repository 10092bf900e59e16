import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { press, saved } from "./steps/compare";
import { open } from "./steps/open";
import { ada, setUp } from "./steps/people";
import { set } from "./steps/runs";

const visit = story();
const byRule = "Labelled by a rule, not by people.";
let newcomer: Person;

test("a newcomer finds pairs to label, and votes on one", async () => {
  newcomer = await visit().person();
  const { page } = newcomer;
  await setUp(page, visit().product.signInLink, ada);
  await page.getByText("Demo: labelled by a rule").waitFor();
  await page.getByRole("link", { name: /Demo: stories to compare/ }).click();
  await page.getByText(/nobody has judged them yet/).waitFor();
  await page.getByRole("link", { name: "Compare pairs" }).first().click();
  await page.getByRole("button", { name: "I have read them" }).click();
  await press(page, "6");
  await saved(page);
});

test("the ready snapshot says that a rule labelled it, and is one click from training", async () => {
  const { page } = newcomer;
  await open(page, "/projects/demo-warmth/datasets");
  await page.getByText("Labelled by a rule", { exact: true }).waitFor();
  await page.getByRole("link", { name: "Snapshot 1" }).click();
  await page.getByText(byRule).waitFor();
  await page.getByRole("link", { name: "Train on this snapshot" }).click();
  await page.getByRole("radio", { name: "Quick" }).click();
  await page.getByText("Advanced", { exact: true }).click();
  await set(page, "Data and steps", "maxSteps", "20");
  await page.getByRole("button", { name: "Train", exact: true }).click();
  await page.getByRole("heading", { name: "DPO on snapshot 1", level: 1 }).waitFor();
  await page.getByText(byRule).waitFor();
}, 60_000);

test("the run's card says it too, and so does each judgement", async () => {
  const { page } = newcomer;
  const [file] = await Promise.all([
    page.waitForEvent("download", { timeout: 400_000 }),
    page.getByRole("button", { name: "Save as a file" }).click({ timeout: 400_000 }),
  ]);
  expect(readFileSync(await file.path(), "utf8")).toContain(byRule);
  await open(page, "/projects/demo-warmth/items");
  await page.getByRole("table").getByRole("link").first().click();
  await page.getByText("By a rule", { exact: true }).waitFor();
  expect(newcomer.trouble).toEqual([]);
}, 500_000);
