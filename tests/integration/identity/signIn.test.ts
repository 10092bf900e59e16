import { mkdtempSync, readdirSync, readFileSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashPassword } from "better-auth/crypto";
import { eq } from "drizzle-orm";
import { beforeEach, describe, expect, test } from "vitest";
import { GET as authGet, POST as authPost } from "@/app/api/auth/[...all]/route";
import { POST as linkPost } from "@/app/api/sign-in-link/route";
import { GET as trpcGet, POST as trpcPost } from "@/app/api/trpc/[trpc]/route";
import { account, session, signInLink, user } from "@/db/schema/identity";
import type { App } from "@/server/app";
import { ensureFirstAdmin, printableAdminLink } from "@/server/auth/adminLink";
import { countRequest } from "@/server/auth/rateLimit";
import { readSecret } from "@/server/auth/secret";
import { Browser, testApp } from "../../helpers/testApp";

const password = "correct horse";
let app: App;
let hash: string;

beforeEach(async () => {
  app = testApp();
  hash ??= await hashPassword(password);
});

function addPerson(id: string): void {
  app.db
    .insert(user)
    .values({ id, name: id, email: `${id}@example.org` })
    .run();
  app.db
    .insert(account)
    .values({ id: `${id}-account`, accountId: id, providerId: "credential", userId: id, password: hash })
    .run();
}

const signIn = async (browser: Browser, email: string, secret = password) =>
  browser.keep(await authPost(browser.post("/api/auth/sign-in/email", { email, password: secret })));

async function me(browser: Browser) {
  const response = await trpcGet(browser.request("/api/trpc/session.me"));
  const { result } = (await response.json()) as {
    result: { data: { json: { user: Record<string, unknown> | null } } };
  };
  return result.data.json.user;
}

const setCredentials = async (browser: Browser, json: object) =>
  trpcPost(browser.post("/api/trpc/account.setCredentials", { json }));

const tokenOf = (url: string | null) => new URL(url ?? "").searchParams.get("token") as string;
const redeem = async (browser: Browser, token: string) =>
  browser.keep(await linkPost(browser.post("/api/sign-in-link", { token })));

test("signing in and out; the cookie is not for scripts or other sites", async () => {
  addPerson("ada");
  const browser = new Browser(app);
  expect(await me(browser)).toBeNull();
  const response = await signIn(browser, "Ada@Example.org");
  expect(response.status).toBe(200);
  expect(response.headers.getSetCookie().join()).toMatch(/HttpOnly.*SameSite=Lax/i);
  expect(await me(browser)).toEqual({
    id: "ada",
    name: "ada",
    email: "ada@example.org",
    instanceAdmin: false,
    needsCredentials: false,
  });
  expect(app.db.select().from(session).all()).toMatchObject([{ userId: "ada", ipAddress: "192.0.2.1" }]);
  browser.keep(await authPost(browser.post("/api/auth/sign-out", {})));
  expect(await me(browser)).toBeNull();
  expect(app.db.select().from(session).all()).toEqual([]);
});

test("behind TLS the cookie is secure", async () => {
  app = testApp({ TIEBREAK_URL: "https://tiebreak.example.org" });
  addPerson("ada");
  const response = await signIn(new Browser(app), "ada@example.org");
  expect(response.headers.getSetCookie().join()).toMatch(/^__Secure-.*; Secure/i);
});

test("a wrong password and an unknown address are told alike", async () => {
  addPerson("ada");
  const answers = await Promise.all(
    ["ada@example.org", "nobody@example.org"].map((email) => signIn(new Browser(app), email, "wrong password")),
  );
  const bodies = await Promise.all(answers.map((response) => response.json()));
  expect(answers.map((response) => response.status)).toEqual([401, 401]);
  expect(bodies[0]).toEqual({ error: { code: "not_signed_in", details: { reason: "wrong_credentials" } } });
  expect(bodies[1]).toEqual(bodies[0]);
});

test("nobody can sign up, change their role, or use what else the library offers", async () => {
  addPerson("ada");
  const browser = new Browser(app);
  await signIn(browser, "ada@example.org");
  for (const path of ["sign-up/email", "update-user", "change-email", "request-password-reset", "delete-user"]) {
    const body = { name: "Eve", email: "eve@example.org", password, instanceRole: "admin" };
    const response = await authPost(browser.post(`/api/auth/${path}`, body));
    expect(response.status, path).toBe(404);
    expect(await response.json()).toEqual({ error: { code: "not_found", details: {} } });
  }
  expect((await authGet(browser.request("/api/auth/list-sessions"))).status).toBe(404);
  expect(app.db.select().from(user).all()).toHaveLength(1);
});

test("another site cannot make a browser do anything", async () => {
  addPerson("ada");
  const browser = new Browser(app);
  await signIn(browser, "ada@example.org");
  const evil = { origin: "https://evil.example" };
  const out = await authPost(browser.post("/api/auth/sign-out", {}, evil));
  const call = await trpcPost(browser.post("/api/trpc/projects.create", { json: { name: "x" } }, evil));
  const link = await linkPost(browser.post("/api/sign-in-link", { token: "x" }, evil));
  expect([out.status, call.status, link.status]).toEqual([403, 403, 403]);
  expect(await me(browser)).not.toBeNull();
  const twin = { origin: app.env.publicUrl.replace("127.0.0.1", "localhost") };
  expect((await authPost(browser.post("/api/auth/sign-out", {}, twin))).status).toBe(200);
});

test("the first administrator: one link, once, then a password of their own", async () => {
  ensureFirstAdmin(app.db);
  ensureFirstAdmin(app.db);
  const stale = tokenOf(printableAdminLink(app.db, app.env.publicUrl));
  const url = printableAdminLink(app.db, app.env.publicUrl);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:3000\/sign-in\/link\?token=[\w-]{43}$/);
  expect(JSON.stringify(app.db.select().from(signInLink).all())).not.toContain(tokenOf(url));
  const browser = new Browser(app);
  expect(await (await redeem(browser, stale)).json()).toEqual({
    error: { code: "link_invalid", details: { reason: "unknown" } },
  });
  const racers = await Promise.all(Array.from({ length: 5 }, () => redeem(browser, tokenOf(url))));
  expect(racers.map((response) => response.status).sort()).toEqual([200, 410, 410, 410, 410]);
  expect(await me(browser)).toMatchObject({ instanceAdmin: true, needsCredentials: true });
  const chosen = { name: "Grace", email: "grace@example.org", password };
  expect((await setCredentials(browser, { ...chosen, password: "too short" })).status).toBe(400);
  expect((await setCredentials(browser, chosen)).status).toBe(200);
  expect(await me(browser)).toMatchObject({ name: "Grace", email: "grace@example.org", needsCredentials: false });
  expect((await setCredentials(browser, { ...chosen, name: "Again" })).status).toBe(403);
  expect((await signIn(new Browser(app), "grace@example.org")).status).toBe(200);
  expect(printableAdminLink(app.db, app.env.publicUrl)).toBeNull();
});

test("a lost password: the new link changes it and ends every other session", async () => {
  ensureFirstAdmin(app.db);
  const [old, fresh] = [new Browser(app), new Browser(app)];
  await redeem(old, tokenOf(printableAdminLink(app.db, app.env.publicUrl)));
  const chosen = { name: "Grace", email: "grace@example.org", password };
  await setCredentials(old, chosen);
  await redeem(fresh, tokenOf(printableAdminLink(app.db, app.env.publicUrl, { force: true })));
  const again = { ...chosen, password: "another password" };
  // Only the session that the link began may choose: not one that somebody else may hold.
  expect((await setCredentials(old, again)).status).toBe(403);
  expect((await setCredentials(fresh, again)).status).toBe(200);
  expect(await me(old)).toBeNull();
  expect(await me(fresh)).not.toBeNull();
  expect((await signIn(new Browser(app), "grace@example.org")).status).toBe(401);
  expect((await signIn(new Browser(app), "grace@example.org", "another password")).status).toBe(200);
});

test("a link that ran out is refused and says so", async () => {
  ensureFirstAdmin(app.db);
  const token = tokenOf(printableAdminLink(app.db, app.env.publicUrl));
  app.db
    .update(signInLink)
    .set({ expiresAt: new Date(Date.now() - 1) })
    .run();
  const response = await redeem(new Browser(app), token);
  expect(await response.json()).toEqual({ error: { code: "link_invalid", details: { reason: "expired" } } });
});

describe("limits", () => {
  test("windows start with their first request and end by themselves", () => {
    const rule = { max: 2, windowSeconds: 10 };
    const first = countRequest(null, rule, 1_000);
    const second = countRequest(first.next, rule, 5_000);
    expect(second).toEqual({ next: { startedAt: 1_000, count: 2 }, retryAfterSeconds: null });
    expect(countRequest(second.next, rule, 6_500)).toEqual({ next: second.next, retryAfterSeconds: 5 });
    expect(countRequest(second.next, rule, 11_000).next).toEqual({ startedAt: 11_000, count: 1 });
  });

  test("ten wrong passwords stop an account from every address; others sign in", async () => {
    addPerson("ada");
    addPerson("bob");
    for (let i = 0; i < 10; i++) {
      expect((await signIn(new Browser(app, `198.51.100.${i}`), "ada@example.org", "wrong password")).status).toBe(401);
    }
    const stopped = await signIn(new Browser(app, "203.0.113.9"), "ADA@example.org");
    expect(stopped.status).toBe(429);
    const body = (await stopped.json()) as { error: { details: { retryAfterSeconds: number } } };
    expect(body).toMatchObject({ error: { code: "too_many_requests" } });
    expect(body.error.details.retryAfterSeconds).toBeGreaterThan(800);
    expect((await signIn(new Browser(app), "bob@example.org")).status).toBe(200);
  });

  test("a right password forgives the wrong ones before it", async () => {
    addPerson("ada");
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 5; i++) await signIn(new Browser(app), "ada@example.org", "wrong password");
      expect((await signIn(new Browser(app), "ada@example.org")).status).toBe(200);
    }
  });

  test("forty people behind one address sign in at once", async () => {
    const people = Array.from({ length: 40 }, (_, i) => `pupil${i}`);
    people.forEach(addPerson);
    const answers = await Promise.all(people.map((id) => signIn(new Browser(app), `${id}@example.org`)));
    expect(answers.map((response) => response.status)).toEqual(Array(40).fill(200));
    expect(app.db.select().from(session).all()).toHaveLength(40);
  });

  test("a thousand sign-ins a minute from one address do not all come through", async () => {
    const body = { email: "not an address", password };
    const statuses: number[] = [];
    for (let i = 0; i < 1_000; i++) {
      const browser = new Browser(app, "198.51.100.7");
      const request = browser.post("/api/auth/sign-in/email", { ...body, email: `nobody ${i}` });
      statuses.push((await authPost(request)).status);
    }
    expect(statuses.filter((status) => status !== 429)).toHaveLength(300);
    addPerson("ada");
    expect((await signIn(new Browser(app, "198.51.100.8"), "ada@example.org")).status).toBe(200);
  });
});

test("the secret is made once, for its owner only", () => {
  const folder = mkdtempSync(join(tmpdir(), "secret-"));
  const secret = readSecret(folder);
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(readSecret(folder)).toBe(secret);
  expect(readFileSync(join(folder, "secret"), "utf8")).toBe(secret);
  expect(statSync(join(folder, "secret")).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(["secret"]);
});

test("a session ends after thirty days", async () => {
  addPerson("ada");
  const browser = new Browser(app);
  await signIn(browser, "ada@example.org");
  const row = app.db.select().from(session).where(eq(session.userId, "ada")).get();
  const days = ((row?.expiresAt.getTime() ?? 0) - Date.now()) / 86_400_000;
  expect(days).toBeCloseTo(30, 2);
  app.db
    .update(session)
    .set({ expiresAt: new Date(Date.now() - 1) })
    .run();
  expect(await me(browser)).toBeNull();
});
