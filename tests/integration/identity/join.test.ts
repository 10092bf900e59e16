import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { and, eq } from "drizzle-orm";
import { build } from "esbuild";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { POST as joinPost } from "@/app/api/join/route";
import { audit } from "@/db/schema/audit";
import { account, invite, membership, project, user } from "@/db/schema/identity";
import type { App } from "@/server/app";
import { ensureFirstAdmin } from "@/server/auth/adminLink";
import { authorize } from "@/server/services/access";
import {
  acceptInvite,
  createInvite,
  listInvites,
  previewInvite,
  revokeInvite,
} from "@/server/services/invites.service";
import { removePerson } from "@/server/services/people.service";
import { Browser, testApp } from "../../helpers/testApp";

const bundle = "node_modules/.cache/tiebreak-tests/joiner.mjs";
const password = "a long password";
let app: App;

beforeAll(async () => {
  mkdirSync("node_modules/.cache/tiebreak-tests", { recursive: true });
  const options = { bundle: true, platform: "node", format: "esm", packages: "external", logLevel: "error" } as const;
  await build({ entryPoints: ["tests/integration/identity/joiner.ts"], outfile: bundle, ...options });
});

beforeEach(() => {
  app = testApp();
  app.db.insert(user).values({ id: "owner", name: "Owner", email: "owner@example.org" }).run();
  app.db.insert(project).values({ id: "p", name: "Test" }).run();
  app.db.insert(membership).values({ projectId: "p", userId: "owner", role: "owner" }).run();
});

const owner = () => authorize(app.db, "owner", "p", "admin");
const invited = (options: { maxUses?: number; expiresInDays?: number; role?: "annotator" | "admin" } = {}) => {
  const wanted = { role: options.role ?? ("annotator" as const), label: "", maxUses: options.maxUses ?? null };
  return createInvite(app.db, owner(), { ...wanted, expiresInDays: options.expiresInDays ?? null });
};
const uses = (id: string) => app.db.select().from(invite).where(eq(invite.id, id)).get()?.uses;

async function join(token: string, email: string, secret = password) {
  const browser = new Browser(app);
  const response = await joinPost(browser.post("/api/join", { token, name: "Kim", email, password: secret }));
  return { status: response.status, body: await response.json(), cookies: response.headers.getSetCookie() };
}

/** How many rows there are of everything that joining makes for one address. */
function rowsOf(email: string) {
  const people = app.db.select().from(user).where(eq(user.email, email)).all();
  const id = people[0]?.id ?? "";
  return {
    users: people.length,
    accounts: app.db.select().from(account).where(eq(account.userId, id)).all().length,
    memberships: app.db.select().from(membership).where(eq(membership.userId, id)).all().length,
    notes: app.db
      .select()
      .from(audit)
      .where(and(eq(audit.action, "member.joined"), eq(audit.subject, id)))
      .all().length,
  };
}
const whole = { users: 1, accounts: 1, memberships: 1, notes: 1 };

test("joining makes account and membership, signs in, and can be repeated", async () => {
  const { id, token } = invited({ maxUses: 1 });
  const first = await join(token, " Kim@Example.org ");
  expect(first).toMatchObject({ status: 200, body: { projectId: "p" } });
  expect(first.cookies.join()).toContain("session_token");
  expect(await join(token, "kim@example.org")).toMatchObject({ status: 200, body: { projectId: "p" } });
  expect(rowsOf("kim@example.org")).toEqual(whole);
  expect(uses(id)).toBe(1);
  expect(await join(token, "lee@example.org")).toMatchObject({
    status: 410,
    body: { error: { code: "invite_invalid", details: { reason: "used_up" } } },
  });
});

test("the token is kept as a hash only", () => {
  const { token } = invited();
  expect(JSON.stringify(app.db.select().from(invite).all())).not.toContain(token);
});

test("an address that is taken needs its password, and guessing it by invite is stopped", async () => {
  const { token } = invited();
  await join(token, "kim@example.org");
  for (let i = 0; i < 10; i++) {
    const wrong = await join(token, "kim@example.org", `wrong password ${i}`);
    expect(wrong).toMatchObject({ status: 409, body: { error: { code: "email_taken" } }, cookies: [] });
  }
  expect((await join(token, "kim@example.org")).status).toBe(429);
});

test("nobody becomes an administrator, or a person without a password, by their address", async () => {
  app.db.delete(membership).run();
  app.db.delete(project).run();
  app.db.delete(user).run();
  ensureFirstAdmin(app.db);
  app.db.update(user).set({ email: "admin@example.org" }).run();
  app.db.insert(user).values({ id: "owner", name: "Owner", email: "owner@example.org" }).run();
  app.db.insert(project).values({ id: "p", name: "Test" }).run();
  app.db.insert(membership).values({ projectId: "p", userId: "owner", role: "owner" }).run();
  const { token } = invited();
  expect((await join(token, "admin@example.org")).body).toMatchObject({ error: { code: "email_taken" } });
  expect((await join(token, "owner@example.org")).body).toMatchObject({ error: { code: "email_taken" } });
  expect(app.db.select().from(account).all()).toEqual([]);
});

test("what an interruption left out is made good: no password yet, no membership yet", async () => {
  const { id, token } = invited();
  app.db.insert(user).values({ id: "half", name: "Kim", email: "kim@example.org" }).run();
  expect((await join(token, "kim@example.org")).status).toBe(200);
  expect(rowsOf("kim@example.org")).toEqual(whole);
  app.db.delete(membership).where(eq(membership.userId, "half")).run();
  app.db.delete(audit).where(eq(audit.subject, "half")).run();
  expect((await join(token, "kim@example.org")).status).toBe(200);
  expect(rowsOf("kim@example.org")).toEqual(whole);
  expect(uses(id)).toBe(2);
});

test("of twenty at once with five places five get in", async () => {
  const { id, token } = invited({ maxUses: 5 });
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => join(token, `kim${i}@example.org`)));
  expect(answers.filter((a) => a.status === 200)).toHaveLength(5);
  expect(app.db.select().from(user).all()).toHaveLength(6);
  expect(uses(id)).toBe(5);
});

test("the same person twice at once is one person", async () => {
  const { id, token } = invited();
  const answers = await Promise.all([join(token, "kim@example.org"), join(token, "kim@example.org")]);
  expect(answers.map((a) => a.status)).toEqual([200, 200]);
  expect(rowsOf("kim@example.org")).toEqual(whole);
  expect(uses(id)).toBe(1);
});

test("an invite that is unknown, expired or revoked says which, and members still see where it leads", async () => {
  const [spent, revoked] = [invited({ expiresInDays: 1 }), invited()];
  const later = new Date(Date.now() + 2 * 86_400_000);
  expect(() => previewInvite(app.db, "nothing", null)).toThrow(
    expect.objectContaining({ code: "invite_invalid", details: { reason: "unknown" } }),
  );
  expect(() => previewInvite(app.db, spent.token, null, later)).toThrow(
    expect.objectContaining({ details: { reason: "expired" } }),
  );
  revokeInvite(app.db, owner(), revoked.id);
  expect(() => acceptInvite(app.db, revoked.token, "nobody")).toThrow(
    expect.objectContaining({ details: { reason: "revoked" } }),
  );
  expect(listInvites(app.db, owner(), later).map((row) => row.state)).toEqual(
    expect.arrayContaining(["expired", "revoked"]),
  );
  expect(previewInvite(app.db, revoked.token, "owner")).toEqual({
    projectName: "Test",
    role: "annotator",
    alreadyMember: true,
  });
});

test("somebody who was removed does not come back by the link", async () => {
  const { token } = invited();
  await join(token, "kim@example.org");
  const id = app.db.select().from(user).where(eq(user.email, "kim@example.org")).get()?.id ?? "";
  removePerson(app.db, owner(), id);
  expect(await join(token, "kim@example.org")).toMatchObject({
    status: 403,
    body: { error: { code: "not_allowed", details: { reason: "removed" } } },
  });
});

test("killed at any moment, joining is whole or not begun; joining again succeeds", async () => {
  const { id, token } = invited();
  const { databaseFile, dataDir } = app.env;
  const secrets = new Set<string>();
  let [killed, rounds] = [0, 0];
  // How long one takes undisturbed sets the moments.
  const live = (email: string, killAfter: number | null) =>
    new Promise<{ signal: NodeJS.Signals | null; ms: number }>((resolve) => {
      const started = performance.now();
      const child = spawn(process.execPath, [bundle, databaseFile, dataDir, token, email, password]);
      let said = "";
      child.stdout.on("data", (data: Buffer) => {
        said += data;
        const [secret] = said.split("\n");
        if (said.includes("\n") && secret) secrets.add(secret);
      });
      child.stdout.once("data", () => {
        // From here on it hashes and writes.
        if (killAfter !== null) void sleep(killAfter).then(() => child.kill("SIGKILL"));
      });
      let begun = started;
      child.stdout.once("data", () => {
        begun = performance.now();
      });
      child.on("close", (_, signal) => resolve({ signal, ms: performance.now() - begun }));
    });
  const { ms } = await live("first@example.org", null);
  expect(rowsOf("first@example.org")).toEqual(whole);
  while (killed < 20 && rounds < 60) {
    const email = `kim${rounds++}@example.org`;
    const { signal } = await live(email, Math.random() * ms);
    if (signal === "SIGKILL") killed += 1;
    expect([{ users: 0, accounts: 0, memberships: 0, notes: 0 }, whole]).toContainEqual(rowsOf(email));
    expect((await join(token, email)).status).toBe(200);
    expect(rowsOf(email)).toEqual(whole);
  }
  expect(killed).toBe(20);
  expect(uses(id)).toBe(rounds + 1);
  expect(secrets.size).toBe(1);
});
