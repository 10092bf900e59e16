import type { Page } from "playwright-core";
import { open } from "./open";

export interface Account {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export const ada: Account = { name: "Ada Admin", email: "ada@example.org", password: "four random words here" };
export const ben: Account = { name: "Ben Annotator", email: "ben@example.org", password: "another few random words" };
export const eve: Account = { name: "Eve Annotator", email: "eve@example.org", password: "yet more random words" };

async function fillAccount(page: Page, { name, email, password }: Account): Promise<void> {
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("New password", { exact: true }).fill(password);
}

/** From the link that the first start prints to an account with e-mail and password. */
export async function setUp(page: Page, link: string | null, account: Account): Promise<void> {
  if (link === null) throw new Error("The product printed no sign-in link.");
  await open(page, link);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Welcome to Tiebreak" }).waitFor();
  await fillAccount(page, account);
  await page.getByRole("button", { name: "Create my account" }).click();
  await page.waitForURL("/projects");
}

export async function fillSignIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel("E-mail", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Makes an annotator's invite in the project and returns its link. */
export async function invite(page: Page, project: string): Promise<string> {
  await open(page, `${project}/people`);
  await page.getByRole("button", { name: "Invite people" }).first().click();
  await page.getByRole("button", { name: "Make the link" }).click();
  return page.getByRole("textbox", { name: "Invite link" }).inputValue();
}

/** Joins with a new account and lands where the pairs are. */
export async function join(page: Page, link: string, account: Account): Promise<void> {
  await open(page, link);
  await page.getByRole("heading", { name: /^Join / }).waitFor();
  await fillAccount(page, account);
  await page.getByRole("button", { name: "Create account and join" }).click();
  await page.waitForURL("**/compare");
}
