import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020";
import addFormats from "ajv-formats";
import { eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { membership } from "@/db/schema/identity";
import { apiToken } from "@/db/schema/integrations";
import { runEvent } from "@/db/schema/runs";
import { judgement } from "@/db/schema/tasks";
import { endpoints } from "@/server/api/calls";
import { openApiDocument } from "@/server/api/openapi";
import type { App } from "@/server/app";
import { apiScopes } from "@/server/domain/api/scopes";
import { authorize } from "@/server/services/access";
import { ensureStarterModel } from "@/server/services/models.service";
import { revokeToken } from "@/server/services/tokens.service";
import { apiApp, type Called, call, tokenFor } from "./apiHelpers";

// biome-ignore lint/suspicious/noExplicitAny: a document is JSON
type Json = any;

let app: App;
let token: string;
beforeAll(async () => {
  app = await apiApp();
  token = tokenFor(app);
});

/** The document as a client reads it, with nothing allowed that it does not name. */
function strictDocument(): Json {
  const closed = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(closed);
    if (typeof value !== "object" || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)])) as Json;
    if (copy.type === "object" && copy.properties && copy.additionalProperties === undefined)
      copy.additionalProperties = false;
    return copy;
  };
  return closed(openApiDocument());
}

const ajv = new Ajv({ strict: false, allErrors: true });
addFormats(ajv);
ajv.addSchema({ $id: "api", ...strictDocument() });

const pathOf = (operationId: string): string => endpoints.find((one) => one.operationId === operationId)?.path ?? "";
const methodOf = (operationId: string): string =>
  endpoints.find((one) => one.operationId === operationId)?.method ?? "";

/** Calls an operation and holds the answer against what the document promises for its status. */
async function conforming(
  operationId: string,
  fill: Record<string, string> = {},
  query = "",
  body?: unknown,
): Promise<Called> {
  const template = pathOf(operationId);
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(fill[name] ?? ""));
  const answer = await call(app, token, methodOf(operationId).toUpperCase(), path + query, body);
  const promised = (openApiDocument() as Json).paths[template][methodOf(operationId)].responses[answer.status];
  expect(promised, `${operationId} ${answer.status} ${JSON.stringify(answer.body)}`).toBeDefined();
  const [type = ""] = (answer.headers.get("content-type") ?? "").split(";");
  const { schema } = promised.content[type] ?? {};
  expect(promised.content, type).toHaveProperty([type]);
  if (schema) {
    const check = ajv.compile({ $ref: `api${schema.$ref}` });
    check(answer.body);
    expect(check.errors ?? [], operationId).toEqual([]);
  }
  return answer;
}

test("the document is valid OpenAPI 3.1 by a validator of its own, and is served without a token", async () => {
  const served = await call(app, null, "GET", "/openapi.json");
  const validator = new Validator();
  expect(await validator.validate(served.body)).toEqual({ valid: true });
  expect([served.status, validator.version]).toEqual([200, "3.1"]);
  const ids = endpoints.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

describe("who may call", () => {
  const sample = (path: string) => path.replace(/\{\w+\}/g, "none");

  test.each(endpoints.map((one) => [one.operationId, one] as const))("%s", async (_, { method, path, scope }) => {
    const at = sample(path);
    const without = await call(app, null, method.toUpperCase(), at, method === "post" ? {} : undefined);
    expect(without).toMatchObject({ status: 401, body: { code: "not_signed_in", where: "header.authorization" } });
    if (scope === null) return;
    const rest = tokenFor(
      app,
      apiScopes.filter((one) => one !== scope),
    );
    const lacking = await call(app, rest, method.toUpperCase(), at, method === "post" ? {} : undefined);
    expect(lacking).toMatchObject({ status: 403, body: { code: "scope_missing" } });
    const only = await call(app, tokenFor(app, [scope]), method.toUpperCase(), at, method === "post" ? {} : undefined);
    expect(only.body?.code).not.toBe("scope_missing");
    expect(only.status).not.toBe(401);
  });

  test("a token that is unknown, revoked, expired, or whose maker lost the role opens nothing", async () => {
    const reason = async (presented: string) => {
      const { status, body, headers } = await call(app, presented, "GET", "/project");
      expect([status, headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="tiebreak"']);
      return body.detail as string;
    };
    expect(await reason("tbk_nonsense")).toMatch("no such token");
    const rows = () => app.db.select().from(apiToken).all();
    const revoked = tokenFor(app);
    revokeToken(app.db, authorize(app.db, "ada", "p", "admin"), rows().at(-1)?.id ?? "");
    expect(await reason(revoked)).toMatch("revoked");
    const expired = tokenFor(app);
    app.db
      .update(apiToken)
      .set({ expiresAt: new Date() })
      .where(eq(apiToken.id, rows().at(-1)?.id ?? ""))
      .run();
    expect(await reason(expired)).toMatch("expired");
    const eves = tokenFor(app, apiScopes, ["eve", "other"]);
    expect((await call(app, eves, "GET", "/project")).body).toMatchObject({ id: "other" });
    app.db.update(membership).set({ role: "annotator" }).where(eq(membership.userId, "eve")).run();
    expect(await reason(eves)).toMatch("no admin");
    app.db.update(membership).set({ role: "admin" }).where(eq(membership.userId, "eve")).run();
  });

  test("the database holds no token, only its hash and when it was used", async () => {
    const secret = tokenFor(app);
    await call(app, secret, "GET", "/project");
    const row = app.db.select().from(apiToken).all().at(-1);
    expect(JSON.stringify(row)).not.toContain(secret);
    expect(row?.hint).toBe(secret.slice(0, 8));
    expect(row?.lastUsedAt).toBeInstanceOf(Date);
  });
});

describe("errors say what, where and what to do", () => {
  test.each([
    ["GET", "/items?limit=0", undefined, 400, "query.limit"],
    ["GET", "/items?cursor=x", undefined, 400, "query.cursor"],
    ["GET", "/judgements?from=yesterday", undefined, 400, "query.from"],
    ["POST", "/snapshots", { rule: { testShare: 2 } }, 400, "body.rule.testShare"],
    ["POST", "/snapshots", "{half", 400, "body"],
    ["POST", "/runs", { snapshotId: "x", kind: "magic", preset: "quick" }, 400, "body.kind"],
    ["GET", "/items/none", undefined, 404, undefined],
    ["GET", "/nowhere", undefined, 404, "path"],
    ["DELETE", "/items", undefined, 405, "method"],
  ] as const)("%s %s", async (method, path, body, status, where) => {
    const answer = await call(app, token, method, path, body);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect([answer.status, answer.body.status, answer.body.where]).toEqual([status, status, where]);
    const check = ajv.compile({ $ref: "api#/components/schemas/Problem" });
    expect([check(answer.body), check.errors]).toEqual([true, null]);
  });

  test("a program that calls too often is told how long to wait, others are not", async () => {
    const busy = tokenFor(app);
    let last = await call(app, busy, "GET", "/project");
    for (let n = 1; n < 600; n++) last = await call(app, busy, "GET", "/project");
    expect(last.status).toBe(200);
    const refused = await call(app, busy, "GET", "/project");
    expect(refused).toMatchObject({ status: 429, body: { code: "too_many_requests" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await call(app, token, "GET", "/project")).status).toBe(200);
  });
});

test("a program brings a file in, reads it, freezes, exports and compares it, and trains on it", async () => {
  expect((await conforming("getProject")).body).toMatchObject({ id: "p", token: { scopes: apiScopes } });
  const rows = Array.from({ length: 25 }, (_, i) => ({ prompt: `q${i}`, chosen: "good", rejected: "bad" }));
  const file = `${rows.map((row) => JSON.stringify(row)).join("\n")}\n{"prompt": 3}\n`;
  const begun = await conforming("createImport", {}, "?fileName=pairs.jsonl", file);
  expect([begun.status, begun.headers.get("location")]).toEqual([202, `/api/v1/imports/${begun.body.id}`]);
  const importId: string = begun.body.id;
  await expect.poll(async () => (await conforming("getImport", { importId })).body.state).toBe("finished");
  const done = await conforming("getImport", { importId });
  expect(done.body).toMatchObject({ rowsRead: 26, itemsAdded: 25, rowsRefused: 1, judgementsAdded: 25 });
  expect(done.body.problems).toMatchObject([{ line: 26 }]);
  expect((await conforming("listImports")).body.imports.map(({ id }: Json) => id)).toContain(importId);
  expect((await conforming("startImport", { importId }, "", {})).status).toBe(409);

  // Every item once, however small the pages are.
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const next: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body }: Called = await conforming("listItems", {}, `?limit=7${next}`);
    seen.push(...body.items.map((one: Json) => one.prompt[0].content));
    cursor = body.nextCursor;
  }
  expect(seen.toSorted()).toEqual(rows.map((row) => row.prompt).toSorted());
  const found = (await conforming("listItems", {}, "?search=q11")).body.items[0];
  const detail = (await conforming("getItem", { itemId: found.id })).body;
  expect(detail.judgements).toMatchObject([{ source: "import", stands: true, bothBad: false }]);

  const voices: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const next: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { body }: Called = await conforming("listJudgements", {}, `?limit=10${next}`);
    voices.push(...body.judgements.map((one: Json) => one.id));
    cursor = body.nextCursor;
  }
  expect([voices.length, new Set(voices).size]).toEqual([25, 25]);

  const rule = { testShare: 0 };
  const first = (await conforming("createSnapshot", {}, "", { rule })).body;
  expect(first).toMatchObject({ number: 1, existed: false });
  expect((await conforming("createSnapshot", {}, "", { rule })).body).toMatchObject({ id: first.id, existed: true });

  // q11 turns round, q12 loses its judgement, a new pair comes in.
  const q11 = app.db.select().from(judgement).where(eq(judgement.itemId, found.id)).get() as Json;
  app.db.update(judgement).set({ verdict: -q11.verdict }).where(eq(judgement.id, q11.id)).run();
  const q12 = (await conforming("listItems", {}, "?search=q12")).body.items[0];
  app.db.delete(judgement).where(eq(judgement.itemId, q12.id)).run();
  const more = await conforming(
    "createImport",
    {},
    "?fileName=more.jsonl",
    JSON.stringify({ prompt: "new", chosen: "x", rejected: "y" }),
  );
  await expect
    .poll(async () => (await conforming("getImport", { importId: more.body.id })).body.state)
    .toBe("finished");
  const second = (await conforming("createSnapshot", {}, "", { rule })).body;
  const diff = async (kind: string) =>
    (await conforming("diffSnapshots", { snapshotId: second.id }, `?from=${first.id}&kind=${kind}`)).body;
  expect(await diff("swapped")).toMatchObject({
    sameRule: true,
    counts: { added: 1, removed: 1, swapped: 1, reweighed: 0, moved: 0, same: 23 },
    pairs: [{ id: found.id, chosen: [{ content: "bad" }] }],
    nextOffset: null,
  });
  expect((await diff("removed")).pairs).toMatchObject([{ id: q12.id, before: { split: "train" }, after: null }]);
  expect((await diff("added")).pairs).toMatchObject([{ prompt: [{ content: "new" }], before: null }]);
  expect((await conforming("listSnapshots")).body.snapshots).toHaveLength(2);

  const exported = await conforming("exportSnapshot", { snapshotId: first.id }, "?format=trl-standard");
  const lines = (exported.body as string)
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.toSorted((x, y) => (x.prompt < y.prompt ? -1 : 1))).toEqual(
    rows.toSorted((x, y) => (x.prompt < y.prompt ? -1 : 1)),
  );
  expect((await conforming("exportSnapshot", { snapshotId: first.id }, "?format=xml")).body.where).toBe("query.format");

  ensureStarterModel(app.db, "trainer/starter");
  const wanted = { snapshotId: first.id, kind: "dpo", preset: "quick" };
  expect((await conforming("createRun", {}, "", { ...wanted, settings: { nothing: 1 } })).body.where).toBe(
    "body.nothing",
  );
  const { id: runId } = (await conforming("createRun", {}, "", wanted)).body;
  expect((await conforming("listRuns")).body).toMatchObject({ runs: [{ id: runId, state: "queued" }] });
  for (const [seq, message] of ["one", "two", "three"].entries()) {
    const event = { type: "log" as const, level: "info" as const, message };
    app.db
      .insert(runEvent)
      .values({ runId, seq: seq + 1, event })
      .run();
  }
  const page = (await conforming("listRunEvents", { runId }, "?limit=2")).body;
  expect(page).toMatchObject({ events: [{ seq: 1 }, { seq: 2 }], after: 2, state: "queued", ended: false });
  expect((await conforming("cancelRun", { runId })).body.state).toBe("cancelled");
  expect((await conforming("cancelRun", { runId })).status).toBe(409);
  const rest = (await conforming("listRunEvents", { runId }, "?after=2")).body;
  expect(rest).toMatchObject({ events: [{ event: { message: "three" } }], after: 3, ended: true });
  const streamed = await call(app, token, "GET", `/runs/${runId}/events`, undefined, {
    accept: "text/event-stream",
    "last-event-id": "1",
  });
  expect(streamed.body.match(/^id: \d+$/gm)).toEqual(["id: 2", "id: 3"]);
  expect((await conforming("getRun", { runId })).body).toMatchObject({ config: { kind: "dpo" } });
  const used = (await conforming("getSnapshot", { snapshotId: first.id })).body;
  expect(used).toMatchObject({ runs: [{ id: runId, state: "cancelled" }], models: [] });
  expect((await conforming("listModels")).body.models).toMatchObject([{ id: "starter", starter: true }]);

  // Nothing of it can be seen with another project's token.
  const eves = tokenFor(app, apiScopes, ["eve", "other"]);
  for (const path of [
    `/items/${found.id}`,
    `/imports/${importId}`,
    `/snapshots/${first.id}`,
    `/runs/${runId}`,
    `/snapshots/${first.id}/export`,
  ])
    expect((await call(app, eves, "GET", path)).status, path).toBe(404);
  expect((await call(app, eves, "GET", "/judgements")).body.judgements).toEqual([]);
});
