import { expect, test } from "vitest";
import { story } from "../helpers/story";
import type { Person } from "../helpers/visit";
import { press } from "./steps/compare";
import { awaitScript, open } from "./steps/open";
import { ada, ben, fillSignIn, invite, join, setUp } from "./steps/people";
import { createProject, importRows, tableRows } from "./steps/projects";
import { stories } from "./steps/stories";

const visit = story();
/** The pages of a project that are its admins' alone. */
const adminPages = [
  "",
  "/items",
  "/import",
  "/people",
  "/datasets",
  "/runs",
  "/runs/new",
  "/models",
  "/playground",
  "/settings",
];

let admin: Person;
let annotator: Person;
let project = "";

test("an admin and an annotator share a project", async () => {
  admin = await visit().person();
  await setUp(admin.page, visit().product.signInLink, ada);
  project = await createProject(admin.page, "Closed doors");
  await importRows(admin.page, project, stories(6));
  const link = await invite(admin.page, project);
  annotator = await visit().person({ expected: [/40[134]: /, /status of 40[134]/] });
  await join(annotator.page, link, ben);
});

test("a signed-out visitor goes from every page to sign-in and comes back to it after", async () => {
  const { page, context, trouble } = await visit().person();
  for (const path of ["/projects", ...[...adminPages, "/compare", "/items?state=open"].map((end) => project + end)]) {
    await page.goto(path);
    await page.waitForURL(`/sign-in?next=${encodeURIComponent(path)}`);
    await awaitScript(page);
    await fillSignIn(page, ada);
    await page.waitForURL(path);
    await page.getByRole("main").getByRole("heading", { level: 1 }).first().waitFor();
    // A page left open would ask on and be refused.
    await page.goto("about:blank");
    await context.clearCookies();
  }
  expect(trouble).toEqual([]);
  await context.close();
}, 120_000);

test("what was typed before the page's script ran is kept, and not sent before either", async () => {
  const { page, context, trouble } = await visit().person();
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route("**/_next/static/**/*.js", async (route) => {
    await released;
    await route.continue();
  });
  await page.goto("/sign-in", { waitUntil: "commit" });
  await page.getByLabel("E-mail", { exact: true }).fill(ada.email);
  expect(await page.getByRole("button", { name: "Sign in" }).isDisabled()).toBe(true);
  release();
  await awaitScript(page);
  await page.getByLabel("Password", { exact: true }).fill(ada.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("/projects");
  expect(trouble).toEqual([]);
  await context.close();
});

test("sign-in never leads to another host", async () => {
  const { page, context, trouble } = await visit().person();
  await open(page, "/sign-in?next=https://elsewhere.invalid/projects");
  await fillSignIn(page, ada);
  await page.waitForURL("/projects");
  expect(trouble).toEqual([]);
  await context.close();
});

test("an annotator finds no way into the admins' pages and is turned away at each", async () => {
  const { page } = annotator;
  const links = await page.getByRole("navigation", { name: "Main navigation" }).getByRole("link").allInnerTexts();
  const names = await page
    .getByRole("navigation")
    .getByRole("link")
    .evaluateAll((all) => all.map((a) => a.ariaLabel));
  expect(links).toHaveLength(1);
  expect(names).toEqual(["Compare"]);
  for (const path of adminPages) {
    await page.goto(project + path);
    await page.waitForURL(`${project}/compare`);
  }
});

test("a removed member is out at once, and what was not sent stays in the browser", async () => {
  await annotator.page.goto(`${project}/compare`);
  await press(annotator.page, "2");
  const { page } = admin;
  await open(page, `${project}/people`);
  await page.getByRole("button", { name: `Actions for ${ben.name}` }).click();
  await page.getByRole("menuitem", { name: "Remove from the project" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await tableRows(page, "Members").filter({ hasText: ben.name }).getByText("Removed").waitFor();
  await press(annotator.page, "3");
  await annotator.page.getByText("1 vote is kept in this browser and has not been sent.").waitFor();
  await annotator.page.reload();
  await annotator.page.getByRole("heading", { name: "This page does not exist" }).waitFor();
  await annotator.page.goto("/projects");
  await annotator.page.getByText("You do not belong to a project yet").waitFor();
});

test("Simplified Chinese comes with the browser's language, and by the menu", async () => {
  const chinese = await visit().person({ locale: "zh-CN" });
  await chinese.page.goto("/sign-in");
  await chinese.page.getByRole("heading", { name: "登录" }).waitFor();
  expect(await chinese.page.locator("html").getAttribute("lang")).toBe("zh-Hans");
  const { page } = admin;
  await open(page, "/projects");
  await page.getByRole("button", { name: `Account: ${ada.name}` }).click();
  await page.getByRole("menuitemradio", { name: "简体中文" }).click();
  await page.getByRole("heading", { name: "项目", level: 1 }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "项目", level: 1 }).waitFor();
  expect(await page.locator("html").getAttribute("lang")).toBe("zh-Hans");
  expect([...admin.trouble, ...chinese.trouble]).toEqual([]);
});
