import type { Locator, Page } from "playwright-core";
import { open } from "./open";

/** Creates a project and returns the path of its overview. */
export async function createProject(page: Page, name: string): Promise<string> {
  await open(page, "/projects");
  await page.getByRole("button", { name: "Create project" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New project" });
  await dialog.getByLabel("Name", { exact: true }).fill(name);
  await dialog.getByRole("button", { name: "Create project" }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  return new URL(page.url()).pathname;
}

/** Uploads a file and waits for its preview. */
export async function upload(page: Page, project: string, name: string, text: string): Promise<void> {
  await open(page, `${project}/import`);
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Choose a file" }).click(),
  ]);
  await chooser.setFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(text) });
  await page.getByRole("heading", { name: `Preview of ${name}` }).waitFor();
}

export const jsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Brings all rows in; every one must be usable. */
export async function importRows(page: Page, project: string, rows: readonly object[]): Promise<void> {
  await upload(page, project, "pairs.jsonl", jsonLines(rows));
  await page.getByRole("button", { name: `Import ${rows.length} pairs` }).click();
  await page.getByText(`${rows.length} new pairs were added.`).waitFor();
}

/** The rows of a table by its label; the first is its head. */
export const tableRows = (page: Page, label: string): Locator =>
  page.getByRole("region", { name: label, exact: true }).getByRole("row");
