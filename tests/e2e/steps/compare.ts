import type { Locator, Page } from "playwright-core";

/** What stands on the compare page, as text. */
export interface ShownPair {
  readonly prompt: string;
  readonly left: string;
  readonly right: string;
}

const sideText = (page: Page, side: "Left" | "Right"): Locator =>
  page.getByRole("region", { name: `Text of the answer: ${side}` });
export const promptText = (page: Page): Locator => page.getByRole("region", { name: "Text of the prompt" });

export async function readPair(page: Page): Promise<ShownPair> {
  const read = async (place: Locator) => ((await place.textContent()) ?? "").trim();
  return {
    prompt: await read(promptText(page)),
    left: await read(sideText(page, "Left")),
    right: await read(sideText(page, "Right")),
  };
}

export const nothingLeft = (page: Page): Locator =>
  page.getByRole("heading", { name: "Nothing left for you right now" });

/** A second press sooner than this after a new pair belongs to the press before. */
export const settledMs = 300;

/** Lets the pair settle, acts, and waits for the next pair or for the end. */
export async function answer(page: Page, act: () => Promise<void>): Promise<void> {
  const { prompt } = await readPair(page);
  await page.waitForTimeout(settledMs);
  await act();
  await promptText(page).filter({ hasText: prompt }).waitFor({ state: "hidden" });
  await promptText(page).or(nothingLeft(page)).waitFor();
}

export const press = (page: Page, key: string): Promise<void> => answer(page, () => page.keyboard.press(key));

/** The page says that everything is saved. It may say so while the last call, a short one, is still on its way. */
export const saved = (page: Page): Promise<void> => page.getByText("Saved", { exact: true }).waitFor();
