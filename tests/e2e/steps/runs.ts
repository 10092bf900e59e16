import type { Page } from "playwright-core";
import { expect } from "vitest";
import { open } from "./open";

/** Fills a field under "Advanced", its group opened if it is not. */
export async function set(page: Page, group: string, path: string, value: string): Promise<void> {
  const field = page.getByLabel(new RegExp(`${path.replace(".", "\\.")}$`));
  if (!(await field.isVisible())) await page.getByText(group, { exact: true }).click();
  await field.fill(value);
}

/** Trains on the newest snapshot with the quick preset; returns while it still trains and its curves are there. */
export async function train(page: Page, project: string, kind: "Reward model" | "DPO"): Promise<void> {
  await open(page, `${project}/runs/new`);
  await page.getByRole("radio", { name: new RegExp(`^${kind} `) }).click();
  await page.getByRole("radio", { name: "Quick" }).click();
  await page.getByRole("button", { name: "Train" }).click();
  await page.getByRole("heading", { name: `${kind} on snapshot 1`, level: 1 }).waitFor();
  await page.getByRole("img", { name: /^Chart: Loss/ }).waitFor();
  expect(await page.getByRole("button", { name: "Cancel run" }).isVisible(), "curves came before the end").toBe(true);
}
