import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { open } from "./steps/open";
import { ada, setUp } from "./steps/people";
import { createProject, importRows, tableRows } from "./steps/projects";
import { stories } from "./steps/stories";

const visit = story();
const prompt = "Once upon a time, a small fox found a key.";
let admin: Person;
let project = "";
let target = "";

const card = (page: Page, name: string): Locator =>
  page.locator("section").filter({ has: page.getByRole("heading", { name, level: 2, exact: true }) });

async function choose(page: Page, within: Locator, label: string, option: string | RegExp): Promise<void> {
  await within.getByRole("combobox", { name: label }).click();
  await page.getByRole("option", { name: option }).click();
}

/** Trains for an epoch on the snapshot and waits until the model is there. */
async function train(page: Page, kind: "reward" | "dpo"): Promise<void> {
  await page.evaluate(
    async ([projectId, kind]) => {
      const call = async (path: string, init?: RequestInit) =>
        (await (await fetch(`/api/trpc/${path}`, init)).json()).result.data.json;
      const input = encodeURIComponent(JSON.stringify({ json: { projectId } }));
      const { snapshots } = await call(`datasets.list?input=${input}`);
      const json = { projectId, snapshotId: snapshots[0].id, kind, preset: "quick" };
      const headers = { "content-type": "application/json" };
      const { runId } = await call("runs.create", { method: "POST", headers, body: JSON.stringify({ json }) });
      for (;;) {
        const { state } = await call(
          `runs.get?input=${encodeURIComponent(JSON.stringify({ json: { projectId, runId } }))}`,
        );
        if (state === "finished") return;
        if (state === "failed" || state === "cancelled") throw new Error(`the run is ${state}`);
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
    },
    [project.split("/").at(-1) ?? "", kind] as const,
  );
}

/** Asks the chosen models and waits until every answer has ended. */
async function ask(page: Page, answers: number): Promise<void> {
  await page.getByRole("textbox", { name: "Prompt" }).fill(prompt);
  await page.getByRole("button", { name: "Ask" }).click();
  await expect
    .poll(
      () =>
        page
          .getByRole("article")
          .filter({ hasText: /tokens? in [\d.]+ s/ })
          .count(),
      { timeout: 60_000 },
    )
    .toBe(answers);
}

test("before anything is trained, how it learns shows the objectives with the base model alone, and says so", async () => {
  admin = await visit().person();
  const { page } = admin;
  await setUp(page, visit().product.signInLink, ada);
  target = await createProject(page, "Sent here");
  project = await createProject(page, "Stories");
  const labelled = stories(40).map(({ prompt, response_a, response_b }, i) => {
    const [chosen, rejected] = i % 2 === 0 ? [response_a, response_b] : [response_b, response_a];
    return { prompt, chosen, rejected };
  });
  await importRows(page, project, labelled);
  await open(page, `${project}/datasets`);
  await page.getByRole("button", { name: "New snapshot" }).first().click();
  await page.getByRole("button", { name: "Create snapshot" }).click();
  await page.getByRole("heading", { name: "Snapshot 1", level: 1 }).waitFor();
  await open(page, `${project}/learn`);
  const dpo = card(page, "Direct preference optimisation");
  await dpo.getByText(/There is no tuned model here, only Tiebreak starter/).waitFor();
  // Policy and reference are one model: the loss of a pair with one vote is ln 2.
  await dpo.getByRole("listitem").filter({ hasText: "Before training" }).getByText("0.693", { exact: true }).waitFor();
  await card(page, "The reward model")
    .getByText(/There is no reward model yet/)
    .waitFor();
  // Formulas are drawn with KaTeX's own fonts, which come from here.
  const fonts = await page.evaluate(() =>
    document.fonts.ready.then(() =>
      [...document.fonts].filter((f) => f.family.includes("KaTeX") && f.status === "loaded").map((f) => f.family),
    ),
  );
  expect(fonts).toContain("KaTeX_Math");
}, 120_000);

test("two models answer, and the tokens of one answer are coloured by how much likelier the other finds them", async () => {
  const { page } = admin;
  await train(page, "reward");
  await train(page, "dpo");
  await open(page, `${project}/playground`);
  await ask(page, 2);
  const tokens = card(page, "Token by token");
  await tokens.getByRole("button", { name: "Show differences" }).click();
  const strip = tokens.getByRole("listbox");
  await strip.waitFor({ timeout: 60_000 });
  const answer = page.getByRole("article").nth(1);
  const said = ((await answer.getByRole("paragraph").first().textContent()) ?? "").replace(/\s+/g, "");
  const shown = ((await strip.textContent()) ?? "").replace(/\s+|¶|end of text/g, "");
  expect(shown).toBe(said);
  // The keyboard goes from token to token, and the line below says its numbers.
  await strip.focus();
  await page.keyboard.press("End");
  const detail = tokens.getByRole("status").filter({ hasText: "times as likely" });
  await expect.poll(() => strip.getByRole("option", { selected: true }).count()).toBe(1);
  const last = await strip.getByRole("option").last().getAttribute("aria-label");
  const difference = /[+−-]?[\d.]+$/.exec(last ?? "")?.[0] ?? "none";
  await expect.poll(() => detail.textContent()).toContain(`difference ${difference} nats`);
  // The same as a table, whose differences add up to what is said of the whole answer.
  await tokens.getByText("Show as a table").click();
  const rows = tableRows(page, "Log-probability of each token in nats");
  await rows.nth(1).waitFor();
  expect(await rows.count()).toBe((await strip.getByRole("option").count()) + 1);
  const cells = await rows.evaluateAll((all) => all.slice(1).map((row) => row.lastElementChild?.textContent ?? ""));
  const numberOf = (text: string) => Number(text.replace("−", "-"));
  const sum = cells.reduce((total, text) => total + numberOf(text), 0);
  const total = /gives ([\d.]+) nats/.exec((await tokens.textContent()) ?? "")?.[1] ?? "";
  expect(Math.abs(Math.abs(sum) - numberOf(total))).toBeLessThan(0.005 * cells.length + 0.01);
}, 300_000);

test("a third model answers beside them", async () => {
  const { page } = admin;
  await page.getByRole("button", { name: "Add a model" }).waitFor({ state: "detached" });
  await train(page, "dpo");
  await open(page, `${project}/playground`);
  await page.getByRole("button", { name: "Add a model" }).click();
  await ask(page, 3);
  expect(await page.getByRole("article").count()).toBe(3);
}, 200_000);

test("two answers become a pair of another project; sent once more, nothing is added", async () => {
  const { page } = admin;
  const send = card(page, "Send as a pair");
  await choose(page, send, "Project", "Sent here");
  await send.getByRole("button", { name: "Send pair" }).click();
  await send.getByText("A new pair in Sent here: open it.").waitFor();
  await send.getByRole("button", { name: "Send pair" }).click();
  await send.getByText("Sent here has this pair already").waitFor();
  await send.getByRole("link", { name: "open it" }).click();
  await page.waitForURL(`**${target}/items/*`);
  await page.getByText(prompt).waitFor();
  await page.getByText(/^From Tiebreak starter/).waitFor();
  await open(page, `${target}/items`);
  await page.getByText("1 of 1 items shown").or(page.getByText("1 of 1 item shown")).waitFor();
}, 60_000);

test("pairs are generated in bulk: bad lines are named, a reload changes nothing, a cancelled batch keeps what it has", async () => {
  const { page } = admin;
  await open(page, `${project}/playground`);
  await page.getByRole("link", { name: "Generate pairs in bulk" }).click();
  await page.getByRole("heading", { name: "Generate pairs", level: 1 }).waitFor();
  const lines = ["One day, Lily went to the park.", "Tom had a red ball."].map((text) =>
    JSON.stringify({ prompt: text }),
  );
  await page.getByRole("textbox", { name: "Prompts" }).fill([...lines, "{half"].join("\n"));
  await page.getByText("2 prompts from JSON lines").waitFor();
  await page.getByText("Line 3 is not JSON.").waitFor();
  await page.getByLabel("Pairs for each prompt").fill("3");
  await page.getByText("6 pairs at most").waitFor();
  await page.getByRole("button", { name: "Generate pairs" }).click();
  const batch = page.getByRole("listitem").filter({ hasText: "2 prompts, 3 pairs each" });
  await batch.getByText("Finished", { exact: true }).waitFor({ timeout: 90_000 });
  await batch.getByText(/^6 new pairs/).waitFor();

  const many = Array.from({ length: 3_000 }, (_, i) => `Story number ${i}: a child named Tom had a toy.`).join("\n");
  const [chooser] = await Promise.all([
    page.waitForEvent("filechooser"),
    page.getByRole("button", { name: "Choose a text or JSONL file" }).click(),
  ]);
  await chooser.setFiles({ name: "many.txt", mimeType: "text/plain", buffer: Buffer.from(many) });
  await page.getByText("3000 prompts, one a line").or(page.getByText("3,000 prompts, one a line")).waitFor();
  await page.getByRole("button", { name: "Generate pairs" }).click();
  const large = page.getByRole("listitem").filter({ hasText: /3,?000 prompts/ });
  await large.getByText(/about .* left/).waitFor({ timeout: 90_000 });
  await page.reload();
  await large.getByRole("progressbar").waitFor();
  await large.getByRole("button", { name: "Cancel" }).click();
  await large.getByText("Cancelled", { exact: true }).waitFor({ timeout: 60_000 });
  await large.getByText(/^[\d,]+ new pairs/).waitFor();
}, 240_000);

test("how it learns walks another pair through the numbers of the models that were trained", async () => {
  const { page } = admin;
  await open(page, `${project}/learn`);
  const numberAfter = async (section: Locator, sentence: string) => {
    const row = section.getByRole("listitem").filter({ hasText: sentence });
    const text = await row.locator("strong").textContent({ timeout: 60_000 });
    return Number(text?.replace("−", "-").replace("%", ""));
  };
  const reward = card(page, "The reward model");
  const chosen = await numberAfter(reward, "reads prompt and chosen answer");
  const rejected = await numberAfter(reward, "the same with the rejected answer");
  const margin = await numberAfter(reward, "The margin is the difference");
  expect(margin).toBeCloseTo(chosen - rejected, 2);
  const expectation = await numberAfter(reward, "in this share of comparisons");
  expect(expectation / 100).toBeCloseTo(1 / (1 + Math.exp(-margin)), 2);

  const dpo = card(page, "Direct preference optimisation");
  const rows = await tableRows(page, "Log-probability of each answer in nats").evaluateAll((all) =>
    all.slice(1).map((row) => [...row.children].slice(1).map((cell) => Number(cell.textContent?.replace("−", "-")))),
  );
  const [[pw = 0, pl = 0] = [], [rw = 0, rl = 0] = []] = rows;
  // β of the run is DPO's own, 0.1.
  const implicit = 0.1 * (pw - rw) - 0.1 * (pl - rl);
  expect(await numberAfter(dpo, "by how much more the model moved")).toBeCloseTo(implicit, 2);
  expect(await numberAfter(dpo, "Before training")).toBeCloseTo(Math.log(1 + Math.exp(-implicit)), 2);

  const ppo = card(page, "Policy gradient with a KL term, and PPO");
  const kl = await numberAfter(ppo, "finds the whole answer likelier");
  expect(kl).toBeCloseTo(pw - rw, 2);
  expect(await numberAfter(ppo, "The shaped reward is what is left")).toBeCloseTo(chosen - 0.05 * kl, 2);

  const before = await page.getByRole("combobox", { name: "Pair" }).textContent();
  await page.getByRole("button", { name: "Next pair" }).click();
  await expect.poll(() => page.getByRole("combobox", { name: "Pair" }).textContent()).not.toBe(before);
  await expect.poll(() => numberAfter(reward, "reads prompt and chosen answer"), { timeout: 60_000 }).not.toBe(chosen);
}, 120_000);

test("nobody's browser met with trouble", () => {
  expect(admin.trouble).toEqual([]);
});
