import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { answer, nothingLeft, press, readPair, saved } from "./steps/compare";
import { open } from "./steps/open";
import { ada, ben, invite, join, setUp } from "./steps/people";
import { createProject, jsonLines, tableRows, upload } from "./steps/projects";
import { train } from "./steps/runs";
import { better, modelNames, stories } from "./steps/stories";

const visit = story();
const rows = stories(40);
/** What Ben says of each prompt, as the snapshot must have it. */
const said = new Map<string, "preference" | "tie" | "bothBad" | "skipped">();
const reason = "It ends well.";

let admin: Person;
let annotator: Person;
let received = "";
let project = "";

test("the printed link leads to an account with e-mail and password, once", async () => {
  admin = await visit().person();
  await setUp(admin.page, visit().product.signInLink, ada);
  const late = await visit().person({ expected: [/^4\d\d: POST \/api\/sign-in-link/, /status of 4\d\d/] });
  await open(late.page, visit().product.signInLink ?? "");
  await late.page.getByRole("button", { name: "Sign in" }).click();
  await late.page.getByRole("alert").filter({ hasText: "This link has expired or has been used." }).waitFor();
  expect(late.trouble).toEqual([]);
  await late.context.close();
});

test("a JSONL file is recognised and previewed, and its bad row refused with its line", async () => {
  const { page } = admin;
  project = await createProject(page, "Stories");
  const bad = `${JSON.stringify({ prompt: "Only one answer", response_a: "Alone." })}\n`;
  await upload(page, project, "stories.jsonl", jsonLines(rows.slice(0, 4)) + bad + jsonLines(rows.slice(4)));
  await page.getByText("Recognised as prompts with two answers each.").waitFor();
  await page.getByText("JSONL, ").and(page.getByText("41 rows")).waitFor();
  await page
    .getByText(rows[0]?.prompt ?? "")
    .first()
    .waitFor();
  const refused = tableRows(page, "Rows that would be refused").nth(1);
  await refused.waitFor();
  expect(await refused.getByRole("cell").allInnerTexts()).toEqual(["5", "response_b", expect.stringMatching(/\w+/)]);
  await page.getByRole("button", { name: "Import 40 pairs" }).click();
  await page.getByText("40 new pairs were added.").waitFor();
});

test("an annotator joins by a link and judges every pair with keys", async () => {
  const link = await invite(admin.page, project);
  annotator = await visit().person();
  annotator.context.on("response", async (response) => {
    received += await response.text().catch(() => "");
  });
  const { page } = annotator;
  await join(page, link, ben);
  for (let turn = 0; turn < rows.length; turn++) await judge(page, turn);
  await nothingLeft(page).waitFor();
  await saved(page);
  expect(said.size).toBe(rows.length);
}, 120_000);

/** Which key prefers the better answer, the strength changing from turn to turn. */
function keyFor(left: string, turn: number): string {
  const strength = turn % 3;
  return String(left.includes(better) ? 1 + strength : 7 - strength);
}

async function judge(page: Page, turn: number): Promise<void> {
  const { prompt, left } = await readPair(page);
  received += await page.content();
  if (turn === 5) {
    said.set(prompt, "skipped");
    return answer(page, async () => {
      await page.keyboard.press("s");
      await page.getByRole("group", { name: "Why skip this pair?" }).waitFor();
      await page.keyboard.press("2");
    });
  }
  if (turn === 7 || turn === 9) {
    said.set(prompt, turn === 7 ? "tie" : "bothBad");
    return press(page, turn === 7 ? "4" : "b");
  }
  said.set(prompt, "preference");
  if (turn === 3) return answer(page, () => explain(page, keyFor(left, turn)));
  if (turn === 11) await changeMind(page, left.includes(better) ? "7" : "1", prompt);
  await press(page, keyFor(left, turn));
}

async function explain(page: Page, key: string): Promise<void> {
  await page.keyboard.press("r");
  await page.getByRole("textbox", { name: "Reason" }).fill(reason);
  await page.keyboard.press("Enter");
  await page.keyboard.press(key);
}

/** A wrong verdict, taken back: the same pair stands there again and says what had been said. */
async function changeMind(page: Page, wrong: string, prompt: string): Promise<void> {
  await press(page, wrong);
  await page.keyboard.press("u");
  await page.getByRole("status").filter({ hasText: "Taken back" }).waitFor();
  expect((await readPair(page)).prompt).toBe(prompt);
}

test("the annotator's browser never received a model's name", () => {
  expect(received).toContain(better);
  for (const name of modelNames) expect(received).not.toContain(name);
});

test("the admin sees what was said of an item, the reason too", async () => {
  const { page } = admin;
  await page.goto(`${project}/items?state=complete`);
  await page.getByText("39 of 39 items shown").waitFor();
  const explained = [...said.keys()][3] ?? "";
  await page.getByRole("link", { name: explained }).click();
  const judgements = tableRows(page, "Judgements");
  const row = judgements.nth(1);
  await row.waitFor();
  const goodSide = rows.find(({ prompt }) => prompt === explained)?.response_a.includes(better) ? "A" : "B";
  expect(await row.textContent()).toMatch(new RegExp(`Ben Annotator[^]*${goodSide} is much better[^]*${reason}`));
  expect(await judgements.count()).toBe(2);
  await page.getByText(`From ${modelNames[0]}`).waitFor();
});

test("a snapshot holds the triples, and both export forms have its lines", async () => {
  const { page } = admin;
  await open(page, `${project}/datasets`);
  await page.getByRole("button", { name: "New snapshot" }).first().click();
  await page.getByRole("button", { name: "Create snapshot" }).click();
  await page.getByRole("heading", { name: "Snapshot 1", level: 1 }).waitFor();
  const triples = rows
    .filter(({ prompt }) => said.get(prompt) === "preference")
    .map(({ prompt, response_a: a, response_b: b }) =>
      a.includes(better) ? { prompt, chosen: a, rejected: b } : { prompt, chosen: b, rejected: a },
    );
  expect(triples).toHaveLength(37);
  await choose(page, "Part", "All");
  const asMessages = ({ prompt, chosen, rejected }: (typeof triples)[number]) => ({
    prompt: [{ role: "user", content: prompt }],
    chosen: [{ role: "assistant", content: chosen }],
    rejected: [{ role: "assistant", content: rejected }],
  });
  expect(await download(page)).toEqual(sorted(triples.map(asMessages)));
  await choose(page, "Format", "TRL, plain text");
  expect(await download(page)).toEqual(sorted(triples));
});

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole("combobox", { name: label }).click();
  await page.getByRole("option", { name: option }).click();
}

const sorted = (lines: readonly object[]): string[] => lines.map((line) => JSON.stringify(line)).sort();

async function download(page: Page): Promise<string[]> {
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download 37 pairs" }).click(),
  ]);
  const lines = readFileSync(await file.path(), "utf8")
    .trimEnd()
    .split("\n");
  return sorted(lines.map((line) => JSON.parse(line)));
}

test("a reward model trains with one click, its curves live", async () => {
  await train(admin.page, project, "Reward model");
  await admin.page.getByText("The reward model is ready.").waitFor();
}, 180_000);

test("DPO trains with one click, its curves live", async () => {
  await train(admin.page, project, "DPO");
  await admin.page.getByText("The tuned model is ready.").waitFor();
}, 180_000);

test("base and tuned answer side by side, with the reward model's scores", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Try it in the playground" }).click();
  await page.getByRole("textbox", { name: "Prompt" }).fill("Once upon a time, a small fox found a key.");
  // As long as the model reaches and far from its best words, which end soon: time enough to see them grow.
  await page.getByText("Sampling", { exact: true }).click();
  await page.getByLabel("Longest answer").fill("500");
  await page.getByLabel("Temperature").fill("3");
  await page.getByRole("button", { name: "Ask" }).click();
  const answers = page.getByRole("article", { name: /^Answer of / });
  const seen: string[][] = [];
  await expect
    .poll(
      async () => {
        seen.push(await answers.allTextContents());
        return seen.at(-1)?.filter((text) => /Score [+−-]?\d/.test(text));
      },
      { timeout: 60_000, interval: 20 },
    )
    .toHaveLength(2);
  // Both grew while neither had ended: they stream, side by side.
  const growing = seen.filter((texts) => texts.length === 2 && texts.every((text) => text.endsWith("Writing")));
  for (const side of [0, 1]) expect(new Set(growing.map((texts) => texts[side])).size).toBeGreaterThan(1);
  await page.getByRole("status").filter({ hasText: "The reward model" }).waitFor();
}, 150_000);

test("nobody's browser met with trouble", () => {
  expect(admin.trouble).toEqual([]);
  expect(annotator.trouble).toEqual([]);
});
