import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hashPassword } from "better-auth/crypto";
import { expect, test } from "vitest";
import { POST as authPost } from "@/app/api/auth/[...all]/route";
import { GET as download } from "@/app/api/models/[modelId]/download/route";
import { account, membership, project, user } from "@/db/schema/identity";
import { model } from "@/db/schema/runs";
import type { App } from "@/server/app";
import { ensureStarterModel } from "@/server/services/models.service";
import { merged as mergedOf, openModel } from "@/trainer/adapters/openModel";
import { saveAdapterFolder } from "@/trainer/adapters/peftFolder";
import { adapterCase } from "../../helpers/adapterCase";
import { Browser, testApp } from "../../helpers/testApp";
import { tinyModel, writeTinyModel } from "../../helpers/tinyModel";

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

/** A model in the data folder. */
function addModel({ db, env }: App, id: string, baseModelId: string | null): string {
  const path = `models/${id}`;
  db.insert(model)
    .values({ id, projectId: "p", kind: "policy", name: id, path, parameters: 1, bytes: 1, baseModelId })
    .run();
  return join(env.dataDir, path);
}

test("an adapter goes with the name of its base, or merged into it as a model of its own; a prefix cannot", async () => {
  const app = testApp();
  app.db.insert(project).values({ id: "p", name: "Test" }).run();
  const hash = await hashPassword("correct horse");
  addMember(app, "ada", "admin", hash);
  const base = writeTinyModel(addModel(app, "tiny", null));
  for (const method of ["lora", "prefix"] as const) {
    const { config, trained } = adapterCase(tinyModel(), { method }, 0.1);
    const adapter = { config, parameters: trained, head: "causal" as const, baseModel: base };
    saveAdapterFolder(addModel(app, method, "tiny"), adapter, tinyModel(), "# card");
  }
  const browser = new Browser(app);
  browser.keep(
    await authPost(browser.post("/api/auth/sign-in/email", { email: "ada@example.org", password: "correct horse" })),
  );
  const get = async (modelId: string, more = "") => {
    const request = browser.request(`/api/models/${modelId}/download?projectId=p${more}`);
    return download(request, { params: Promise.resolve({ modelId }) });
  };
  const zip = Buffer.from(await (await get("lora")).arrayBuffer());
  const names = ["README.md", "adapter_config.json", "adapter_model.safetensors", "tiebreak.json"];
  expect(entriesOf(zip).map(({ name }) => name)).toEqual(names.map((name) => `lora/${name}`));
  expect(zip.includes(app.env.dataDir)).toBe(false);

  const merged = Buffer.from(await (await get("lora", "&merged=1")).arrayBuffer());
  const weights = entriesOf(merged).find(({ name }) => name === "lora-merged/model.safetensors");
  expect(weights?.size).toBe(readFileSync(join(base, "model.safetensors")).length);
  const expected = mergedOf(openModel(join(app.env.dataDir, "models/lora"))).parameters;
  const values = expected["model.layers.0.self_attn.q_proj.weight"]?.data as Float32Array;
  expect(merged.includes(Buffer.from(values.buffer, values.byteOffset, values.byteLength))).toBe(true);
  await expect.poll(() => readdirSync(app.env.dataDir).filter((name) => name.startsWith("merged-"))).toEqual([]);
  expect((await get("prefix", "&merged=1")).status).toBe(400);
  expect((await get("tiny", "&merged=1")).status).toBe(404);
}, 30_000);

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
