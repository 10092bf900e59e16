import type { Page } from "playwright-core";
import type { Demo } from "./project";

/** Who looks: nobody is signed in, the project's admin, an annotator. */
export type Looker = "nobody" | "admin" | "annotator";

/** One thing to look at: a page, and what is done on it first. */
export interface View {
  readonly name: string;
  readonly as: Looker;
  readonly path: string;
  /** Brings the page into the state to look at. `say` gives the interface's words for a key in the page's language. */
  readonly act?: (page: Page, say: (key: string) => string) => Promise<void>;
  /** Answers to calls are held back, so that the page shows how it waits. */
  readonly waiting?: boolean;
  /** Calls fail, so that the page shows what it says then. */
  readonly failing?: boolean;
}

const click =
  (...keys: string[]) =>
  async (page: Page, say: (key: string) => string): Promise<void> => {
    for (const key of keys)
      await page
        .getByRole("button", { name: say(key) })
        .first()
        .click();
  };

const tab =
  (key: string) =>
  (page: Page, say: (key: string) => string): Promise<void> =>
    page.getByRole("tab", { name: say(key), exact: true }).click();

const press =
  (...keys: string[]) =>
  async (page: Page): Promise<void> => {
    await page.locator("[data-phase=judging]").waitFor();
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForTimeout(300);
  };

/** Every page of the product in the states that matter. */
export function viewsOf(demo: Demo): View[] {
  const project = `/projects/${demo.projectId}`;
  const empty = `/projects/${demo.emptyProjectId}`;
  const admin = (name: string, path: string, more: Partial<View> = {}): View => ({ name, as: "admin", path, ...more });
  const areas = [
    "",
    "items",
    "guidelines",
    "people",
    "datasets",
    "runs",
    "models",
    "playground",
    "playground/pairs",
    "learn",
    "settings",
    "api",
    "import",
    "compare",
  ];
  const nameOf = (area: string) => area.replace("/", "-") || "overview";
  return [
    // First, while that run goes on: it lasts about two minutes.
    admin("run-running", `${project}/runs/${demo.runs.running}`),
    admin("run-cancel", `${project}/runs/${demo.runs.running}`, { act: click("runs.actions.cancel") }),
    admin("runs-compare", `${project}/runs/compare?runs=${demo.runs.dpo},${demo.runs.reward},${demo.runs.running}`),
    { name: "sign-in", as: "nobody", path: "/sign-in" },
    { name: "sign-in-link", as: "nobody", path: "/sign-in/link?token=once" },
    { name: "sign-in-link-missing", as: "nobody", path: "/sign-in/link" },
    { name: "join", as: "nobody", path: `/join/${demo.joinToken}` },
    { name: "join-unknown", as: "nobody", path: "/join/unknown" },
    admin("join-as-me", `/join/${demo.joinToken}`),
    admin("welcome", "/welcome"),
    admin("not-found", "/nowhere"),
    admin("projects", "/projects"),
    admin("projects-new", "/projects", { act: click("projects.create") }),
    { name: "projects-annotator", as: "annotator", path: "/projects" },
    ...areas.map((area) => admin(nameOf(area), `${project}/${area}`)),
    ...areas.map((area) => admin(`${nameOf(area)}-empty`, `${empty}/${area}`)),
    ...areas.map((area) => admin(`${nameOf(area)}-waiting`, `${project}/${area}`, { waiting: true })),
    ...areas.map((area) => admin(`${nameOf(area)}-failing`, `${project}/${area}`, { failing: true })),
    admin("guidelines-preview", `${project}/guidelines`, { act: tab("guidelines.write.preview") }),
    admin("guidelines-versions", `${project}/guidelines?tab=versions`),
    admin("guidelines-readers", `${project}/guidelines?tab=readers`),
    admin("guidelines-practice", `${project}/guidelines?tab=practice`),
    admin("guidelines-practice-new", `${project}/guidelines?tab=practice`, { act: click("guidelines.pairs.add") }),
    admin("items-none-found", `${project}/items?q=zebra`),
    admin("item", `${project}/items/${demo.itemId}`),
    admin("item-unknown", `${project}/items/unknown`),
    admin("import-mapping", `${project}/import/${demo.openImportId}`),
    admin("import-done", `${project}/import/${demo.doneImportId}`),
    admin("datasets-new", `${project}/datasets`, { act: click("datasets.new") }),
    admin("snapshot", `${project}/datasets/${demo.snapshotId}`),
    admin("settings-token", `${project}/settings`, { act: click("access.tokens.new") }),
    admin("settings-webhook", `${project}/settings`, { act: click("access.webhooks.new") }),
    admin("api-open", `${project}/api`, { act: openCalls }),
    admin("webhook", `${project}/settings/webhooks/${demo.webhookId}`),
    admin("people-invite", `${project}/people`, { act: click("people.invite.create") }),
    admin("run-new", `${project}/runs/new`),
    admin("run-new-advanced", `${project}/runs/new`, { act: openAll }),
    admin("run-new-empty", `${empty}/runs/new`),
    admin("run-dpo", `${project}/runs/${demo.runs.dpo}`),
    admin("run-reward", `${project}/runs/${demo.runs.reward}`),
    admin("run-failed", `${project}/runs/${demo.runs.failed}`),
    admin("run-delete", `${project}/runs/${demo.runs.failed}`, { act: click("runs.remove.action") }),
    admin("run-card", `${project}/runs/${demo.runs.dpo}/card`),
    { name: "run-card-annotator", as: "annotator", path: `${project}/runs/${demo.runs.dpo}/card` },
    admin("runs-compare-none", `${project}/runs/compare`),
    admin("model", `${project}/models/m-${demo.runs.dpo}`),
    admin("playground-answered", `${project}/playground`, { act: askModels }),
    admin("playground-tokens", `${project}/playground`, { act: compareTokens }),
    admin("playground-pairs-bad", `${project}/playground/pairs`, { act: pasteBadPrompts }),
    admin("playground-pairs-running", `${project}/playground/pairs`, { act: makePairs }),
    admin("methods", `${project}/learn/methods`),
    admin("learn-numbers", `${project}/learn`, { act: walkPair }),
    admin("palette", project, { act: (page) => page.keyboard.press("Control+k") }),
    { name: "compare-before", as: "annotator", path: `/projects/${demo.unreadProjectId}/compare` },
    { name: "compare-practice", as: "annotator", path: `/projects/${demo.practiceProjectId}/compare` },
    { name: "compare-practised", as: "annotator", path: `/projects/${demo.practiceProjectId}/compare`, act: practise },
    { name: "compare-annotator", as: "annotator", path: `${project}/compare` },
    { name: "compare-help", as: "annotator", path: `${project}/compare`, act: press("?") },
    { name: "compare-guidelines", as: "annotator", path: `${project}/compare`, act: press("g") },
    { name: "compare-history", as: "annotator", path: `${project}/compare`, act: press("h") },
    { name: "compare-reason", as: "annotator", path: `${project}/compare`, act: press("r") },
    { name: "compare-skipped", as: "annotator", path: `${project}/compare`, act: press("s", "s") },
    { name: "compare-skip", as: "annotator", path: `${project}/compare`, act: press("s") },
    { name: "compare-report", as: "annotator", path: `${project}/compare`, act: press("f") },
  ];
}

/** Judges a practice pair, once its answers have been looked at. */
async function practise(page: Page, say: (key: string) => string): Promise<void> {
  await page.locator("[data-phase=practice] [data-testid=pair]").waitFor();
  const right = page
    .getByRole("group", { name: say("annotate.answers") })
    .getByRole("button")
    .nth(1);
  if (await right.isVisible()) await right.click();
  await page.locator("[data-testid=answer-right][data-seen=true]").waitFor();
  await page.waitForTimeout(300);
  await page.keyboard.press("1");
  await page.locator("[data-testid=feedback]").waitFor();
}

/** Opens whatever is folded on the page. */
const openAll = (page: Page): Promise<void> =>
  page.evaluate(() => {
    for (const part of document.querySelectorAll("details")) part.open = true;
  });

async function openCalls(page: Page): Promise<void> {
  await page.locator("#listItems").waitFor();
  await openAll(page);
}

async function askModels(page: Page, say: (key: string) => string): Promise<void> {
  await page.getByRole("textbox").first().fill("One morning Ada got a kite from an uncle who lived by the river.");
  await page.getByRole("button", { name: say("playground.ask") }).click();
  await page
    .getByText(/[0-9.]+ s\b|秒/)
    .nth(1)
    .waitFor({ timeout: 120_000 });
}

async function compareTokens(page: Page, say: (key: string) => string): Promise<void> {
  await askModels(page, say);
  await page.getByRole("button", { name: say("playground.tokens.show") }).click();
  await page.getByRole("listbox").waitFor({ timeout: 120_000 });
  await page.getByRole("button", { name: say("playground.send.send") }).click();
  await page.locator("p[role=status] a").waitFor();
}

async function pasteBadPrompts(page: Page): Promise<void> {
  await page.getByRole("textbox").first().fill('{"prompt": "One day, Lily went out."}\n{"question": "Who?"}\n{half');
}

async function makePairs(page: Page, say: (key: string) => string): Promise<void> {
  const prompts = Array.from({ length: 300 }, (_, i) => `Day ${i}: a child had a toy.`);
  await page.getByRole("textbox").first().fill(prompts.join("\n"));
  await page.getByRole("button", { name: say("pairs.generate") }).click();
  await page.getByRole("progressbar").first().waitFor({ timeout: 60_000 });
}

async function walkPair(page: Page): Promise<void> {
  await page.locator("ol strong").last().waitFor({ timeout: 120_000 });
}
