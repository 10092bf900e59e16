import { readdirSync } from "node:fs";
import { hashPassword } from "better-auth/crypto";
import { expect, test } from "vitest";
import { POST as authPost } from "@/app/api/auth/[...all]/route";
import { GET as exportGet } from "@/app/api/export/[snapshotId]/route";
import { POST as importPost } from "@/app/api/import/[projectId]/route";
import { account, membership, project, user } from "@/db/schema/identity";
import { combinationRuleSchema } from "@/server/domain/preference";
import { authorize } from "@/server/services/access";
import { commitImport, previewImport } from "@/server/services/imports.service";
import { createSnapshot } from "@/server/services/snapshots.service";
import { Browser, testApp } from "../../helpers/testApp";
import { jsonLines } from "./dataHelpers";

const rows = [
  { prompt: "q", chosen: "x", rejected: "y" },
  { prompt: "r", chosen: "x", rejected: "y" },
];

async function open() {
  const app = testApp();
  const password = await hashPassword("correct horse");
  for (const id of ["p", "other"]) app.db.insert(project).values({ id, name: "Fünf Tests" }).run();
  for (const [id, role, projectId] of [
    ["ada", "admin", "p"],
    ["ann", "annotator", "p"],
    ["eve", "admin", "other"],
  ] as const) {
    app.db
      .insert(user)
      .values({ id, name: id, email: `${id}@example.org` })
      .run();
    app.db.insert(account).values({ id, accountId: id, providerId: "credential", userId: id, password }).run();
    app.db.insert(membership).values({ projectId, userId: id, role }).run();
  }
  const signIn = async (who: string | null) => {
    const browser = new Browser(app);
    const credentials = { email: `${who}@example.org`, password: "correct horse" };
    if (who) browser.keep(await authPost(browser.post("/api/auth/sign-in/email", credentials)));
    return browser;
  };
  const send = async (who: string | null, query = "?fileName=pairs.jsonl", headers: Record<string, string> = {}) => {
    const request = (await signIn(who)).request(`/api/import/p${query}`, {
      method: "POST",
      body: jsonLines(rows),
      headers,
    });
    return importPost(request, { params: Promise.resolve({ projectId: "p" }) });
  };
  const get = async (who: string | null, snapshotId: string, query = "") => {
    const request = (await signIn(who)).request(`/api/export/${snapshotId}${query}`);
    return exportGet(request, { params: Promise.resolve({ snapshotId }) });
  };
  return { app, send, get };
}

test("an admin's upload becomes an import; nobody else's does, and no other site's", async () => {
  const { app, send } = await open();
  expect((await send(null)).status).toBe(401);
  expect((await send("ann")).status).toBe(403);
  expect((await send("eve")).status).toBe(404);
  expect((await send("ada", "")).status).toBe(400);
  expect((await send("ada", undefined, { origin: "https://evil.example" })).status).toBe(403);
  const tooLarge = await send("ada", undefined, { "content-length": String(2049 * 1024 * 1024) });
  expect([tooLarge.status, await tooLarge.json()]).toMatchObject([413, { error: { code: "file_too_large" } }]);
  const answer = await send("ada");
  expect(answer.status).toBe(200);
  const { importId } = (await answer.json()) as { importId: string };
  expect(readdirSync(app.env.uploadsDir)).toEqual([importId]);
});

test("what was uploaded comes out again as a file, for the project's admins alone", async () => {
  const { app, send, get } = await open();
  const { importId } = (await (await send("ada")).json()) as { importId: string };
  const access = authorize(app.db, "ada", "p", "admin");
  const imports = { db: app.db, uploadsDir: app.env.uploadsDir };
  const { mapping } = await previewImport(imports, access, { importId });
  await commitImport(imports, access, { importId, mapping });
  const store = { db: app.db, snapshotsDir: app.env.snapshotsDir };
  const { id } = await createSnapshot(store, access, { rule: combinationRuleSchema.parse({ testShare: 0 }), note: "" });
  for (const [who, status] of [
    [null, 401],
    ["ann", 403],
    ["eve", 404],
  ] as const)
    expect((await get(who, id)).status).toBe(status);
  expect((await get("ada", "none")).status).toBe(404);
  expect((await get("ada", id, "?format=xml")).status).toBe(400);
  const answer = await get("ada", id, "?format=trl-standard&split=train");
  expect(answer.headers.get("content-disposition")).toBe(
    "attachment; filename*=UTF-8''F%C3%BCnf-Tests-1-train.trl-standard.jsonl",
  );
  const lines = (await answer.text())
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.toSorted((x, y) => (x.prompt < y.prompt ? -1 : 1))).toEqual(rows);
});
