import { readdirSync, readFileSync } from "node:fs";
import { hashPassword } from "better-auth/crypto";
import { expect, test } from "vitest";
import { POST as authPost } from "@/app/api/auth/[...all]/route";
import { GET as download } from "@/app/api/models/[modelId]/download/route";
import { account, membership, project, user } from "@/db/schema/identity";
import type { App } from "@/server/app";
import { ensureStarterModel } from "@/server/services/models.service";
import { Browser, testApp } from "../../helpers/testApp";

const starter = "trainer/starter";

function addMember({ db }: App, id: string, role: "admin" | "annotator", password: string): void {
  db.insert(user)
    .values({ id, name: id, email: `${id}@example.org` })
    .run();
  db.insert(account).values({ id, accountId: id, providerId: "credential", userId: id, password }).run();
  db.insert(membership).values({ projectId: "p", userId: id, role }).run();
}

/** Names and sizes in a zip's central directory, by PKWARE's application note, 4.3.12. */
function entriesOf(zip: Buffer): { name: string; size: number }[] {
  const entries = [];
  for (let at = zip.indexOf("PK\x01\x02"); at >= 0; at = zip.indexOf("PK\x01\x02", at + 46)) {
    const name = zip.toString("utf8", at + 46, at + 46 + zip.readUInt16LE(at + 28));
    entries.push({ name, size: zip.readUInt32LE(at + 24) });
  }
  return entries;
}

test("an admin downloads a model as one zip with its files bit for bit; nobody else does", async () => {
  const app = testApp();
  app.db.insert(project).values({ id: "p", name: "Test" }).run();
  ensureStarterModel(app.db, starter);
  const hash = await hashPassword("correct horse");
  addMember(app, "ada", "admin", hash);
  addMember(app, "ann", "annotator", hash);
  const get = async (who: string | null, modelId: string) => {
    const browser = new Browser(app);
    const credentials = { email: `${who}@example.org`, password: "correct horse" };
    if (who) browser.keep(await authPost(browser.post("/api/auth/sign-in/email", credentials)));
    const request = browser.request(`/api/models/${modelId}/download?projectId=p`);
    return download(request, { params: Promise.resolve({ modelId }) });
  };
  expect((await get(null, "starter")).status).toBe(401);
  expect((await get("ann", "starter")).status).toBe(403);
  expect((await get("ada", "none")).status).toBe(404);

  const response = await get("ada", "starter");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-disposition")).toBe('attachment; filename="Tiebreak-starter-2M.zip"');
  const zip = Buffer.from(await response.arrayBuffer());
  const files = readdirSync(starter).map((name) => ({
    name: `Tiebreak-starter-2M/${name}`,
    size: readFileSync(`${starter}/${name}`).length,
  }));
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
  expect(entriesOf(zip).sort(byName)).toEqual(files.sort(byName));
  // Stored, not squeezed: the weights are in it as they are.
  expect(zip.includes(readFileSync(`${starter}/model.safetensors`))).toBe(true);
});
