import { readFileSync } from "node:fs";
import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { nothingLeft, press, promptText } from "./steps/compare";
import { ada, setUp } from "./steps/people";
import { createProject, importRows } from "./steps/projects";

/** A vector a line: CALL says its number on the console, which no policy can stop; HOST is an address elsewhere. */
const vectors = readFileSync("tests/fixtures/xss.txt", "utf8")
  .trim()
  .split("\n")
  .map((line, id) =>
    line
      .replaceAll("\\n", "\n")
      .replaceAll("\\t", "\t")
      .replaceAll("CALL", `console.error(${id})`)
      .replaceAll("HOST", `http://evil.invalid/${id}`)
      .replaceAll("NUM", String(id)),
  );

const visit = story();
let admin: Person;
let project = "";
/** Numbers of the vectors that reached the other host, and of those that ran. */
const reached = new Set<string>();

async function listen(context: BrowserContext, heard: Set<string>): Promise<void> {
  await context.route(/^https?:\/\/(www\.)?evil\.invalid/, (route) => {
    heard.add(route.request().url());
    return route.abort();
  });
  context.on("console", (message) => {
    if (/^\d+$/.test(message.text())) heard.add(message.text());
  });
}

test("the corpus has 200 vectors and more, and most of the HTML acts on a page without protection", async () => {
  expect(new Set(vectors).size).toBeGreaterThanOrEqual(200);
  const { context, page } = await visit().person({ expected: [/./] });
  const html = vectors.filter((vector) => vector.startsWith("<") && /console\.error|evil/.test(vector));
  let acted = 0;
  for (const vector of html) {
    const heard = new Set<string>();
    await listen(context, heard);
    await page.goto("about:blank");
    await page.setContent(vector, { waitUntil: "commit", timeout: 5_000 }).catch(() => {});
    await page.waitForTimeout(40);
    acted += heard.size > 0 ? 1 : 0;
    await context.unrouteAll({ behavior: "ignoreErrors" });
    context.removeAllListeners("console");
  }
  await context.close();
  expect(acted).toBeGreaterThanOrEqual(90);
}, 180_000);

/** What the page makes of text: anything else came out of the data as HTML. */
const tags =
  "p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code table thead tbody tr th td em strong del hr sup section div span button mark".split(
    " ",
  );
const drawn = "svg path line rect circle polyline g math semantics annotation".split(" ");

/** Elements and attributes in prompt and answers that the page itself would not have put there. */
const foreign = (page: Page, id: string): Promise<string[]> =>
  page.evaluate(
    ({ tags, drawn, id }) => {
      const found: string[] = [];
      const roots = document.querySelectorAll("[data-testid=prompt], [data-testid^=answer-]");
      for (const element of [...roots].flatMap((root) => [...root.querySelectorAll("*")])) {
        const name = element.localName;
        const formula = element.closest(".katex") !== null;
        const known =
          tags.includes(name) || drawn.includes(name) || (formula && element.namespaceURI?.endsWith("MathML"));
        if (!known) found.push(`${id}: <${name}>`);
        for (const { name: attribute, value } of element.attributes) {
          const harmless = /^(class|dir|tabindex|type|title|start|data-[a-z]+|aria-[a-z]+|lang)$/.test(attribute);
          const shape = element.closest("svg, math") !== null && !/^(on|href|xlink|src|style|id)/.test(attribute);
          // How KaTeX lays out, and the one colour that says that it could not.
          const laidOut = formula && attribute === "style" && !/url|fixed|absolute|expression/.test(value);
          const refused = attribute === "style" && value === "color: var(--danger);";
          if (!harmless && !shape && !laidOut && !refused) found.push(`${id}: <${name} ${attribute}="${value}">`);
        }
      }
      return found;
    },
    { tags, drawn, id },
  );

test("brought in as data, none acts on the compare page: no element, attribute, request or call is theirs", async () => {
  admin = await visit().person();
  await listen(admin.context, reached);
  const { page } = admin;
  await setUp(page, visit().product.signInLink, ada);
  project = await createProject(page, "Hostile data");
  const rows = Array.from({ length: Math.ceil(vectors.length / 3) }, (_, i) => ({
    prompt: `Pair ${i}.\n\n${vectors[3 * i]}`,
    response_a: vectors[3 * i + 1] ?? "none",
    response_b: vectors[3 * i + 2] ?? "neither",
  }));
  await importRows(page, project, rows);
  await page.goto(`${project}/compare`);
  const found: string[] = [];
  for (const [turn] of rows.entries()) {
    await promptText(page).waitFor();
    found.push(...(await foreign(page, `pair ${turn}`)));
    if (turn === 0) {
      await page.keyboard.press("d");
      await page.getByText("underlined").first().waitFor();
      found.push(...(await foreign(page, "as a difference")));
    }
    await press(page, "4");
  }
  await nothingLeft(page).waitFor();
  expect(found).toEqual([]);
}, 300_000);

test("nor in the guidelines, nor on an item's own page", async () => {
  const { page } = admin;
  await page.goto(`${project}/guidelines`);
  await page
    .getByLabel("Text", { exact: true })
    .fill(vectors.filter((vector) => !vector.startsWith("~~~")).join("\n\n"));
  await page.getByRole("tab", { name: "Preview" }).click();
  const preview = page.getByRole("tabpanel", { name: "Preview" });
  await preview.getByRole("button").first().waitFor();
  const acting =
    "script, iframe, object, embed, img, link, meta, video, style, form, base, [onerror], [onload], [onfocus]";
  expect(await preview.locator(`:is(${acting})`).count()).toBe(0);
  await page.goto(`${project}/items`);
  await page.getByRole("main").getByRole("link").filter({ hasText: "script" }).first().click();
  await page.getByRole("heading", { name: "Answer A" }).waitFor();
  expect(await page.getByRole("main").locator(acting.replace("form, ", "")).count()).toBe(0);
});

test("a link opens nothing by a stray click, of whatever kind; its address is shown first", async () => {
  const { page, context } = admin;
  const shop = (prompt: string) => ({
    prompt,
    response_a: "To [the shop](http://evil.invalid/shop?x=1).",
    response_b: "Stay.",
  });
  await importRows(page, project, [shop("Where to?"), shop("And then?")]);
  await page.goto(`${project}/compare`);
  const link = page.getByRole("button", { name: "the shop" });
  const address = page.getByRole("textbox", { name: "Address" });
  for (const press of [{}, { modifiers: ["ControlOrMeta" as const] }, { button: "middle" as const }]) {
    await link.click(press);
    if (!("button" in press)) {
      expect(await address.inputValue()).toBe("http://evil.invalid/shop?x=1");
      await page.keyboard.press("Escape");
      await address.waitFor({ state: "hidden" });
    }
    expect(context.pages()).toHaveLength(1);
  }
  expect(page.url()).toContain(`${project}/compare`);
});

test("nothing ran, nothing reached the other host, and the content policy had nothing to stop", () => {
  expect([...reached]).toEqual([]);
  expect(admin.trouble).toEqual([]);
});
