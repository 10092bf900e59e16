import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { snapshot } from "@/db/schema/datasets";
import { membership, project, user } from "@/db/schema/identity";
import type { App } from "@/server/app";
import { startSession } from "@/server/auth/auth";
import { type ProjectRole, projectRoles } from "@/server/domain/roles";
import { appRouter } from "@/server/trpc/appRouter";
import { createCallerFactory, type ProcedureMeta } from "@/server/trpc/init";
import { Browser, testApp } from "../helpers/testApp";
import { seedCrowd } from "../helpers/testDb";

/** A valid input of each procedure, project apart. A procedure that is missing here fails the first test. */
const lease = { assignmentId: "none", leaseToken: "none" };
const said = [{ role: "user", content: "Hi" }];
const practicePair = { prompt: said, a: said, b: said, verdict: 1, bothBad: false, why: "So." };
const inputs: Record<string, object> = {
  "account.setCredentials": { name: "N", email: "taken@example.org", password: "long enough" },
  "invites.list": {},
  "invites.create": { role: "annotator" },
  "invites.revoke": { inviteId: "none" },
  "invites.preview": { token: "none" },
  "invites.accept": { token: "none" },
  "people.list": {},
  "people.setRole": { userId: "none", role: "annotator" },
  "people.remove": { userId: "none" },
  "people.restore": { userId: "none" },
  "people.erasure": { userId: "none" },
  "people.erase": { userId: "none", mode: "remove" },
  "people.createResetLink": { userId: "none" },
  "projects.list": {},
  "projects.create": { name: "New" },
  "projects.get": {},
  "projects.update": { overlap: 2 },
  "projects.overview": {},
  "session.me": {},
  "annotate.claim": { want: 1, holding: [] },
  "annotate.submit": { ...lease, submissionId: randomUUID(), verdict: 1, bothBad: false, durationMs: 1 },
  "annotate.undo": { submissionId: randomUUID() },
  "annotate.skip": lease,
  "annotate.history": {},
  "annotate.ownVote": { judgementId: "none" },
  "annotate.change": { judgementId: "none", submissionId: randomUUID(), verdict: 1, bothBad: false },
  "annotate.report": { submissionId: randomUUID(), assignmentId: "none", problem: "broken" },
  "annotate.heartbeat": { leases: [] },
  "annotate.release": { leases: [] },
  "datasets.list": {},
  "datasets.judges": {},
  "datasets.preview": { rule: {} },
  "datasets.create": { rule: {} },
  "datasets.diff": { fromId: "none", toId: "none", kind: "added", offset: 0, limit: 1 },
  "datasets.rows": { snapshotId: "none", split: "train", offset: 0, limit: 1 },
  "guidelines.current": {},
  "guidelines.version": { version: 1 },
  "guidelines.acknowledge": { version: 1, readAt: new Date(0) },
  "guidelines.list": {},
  "guidelines.readers": {},
  "guidelines.publish": { text: "", examples: [], base: 0 },
  "imports.list": {},
  "imports.uploads": {},
  "imports.get": { importId: "none" },
  "imports.preview": { importId: "none" },
  "imports.commit": {
    importId: "none",
    mapping: { prompt: null, responseA: "a", responseB: "b", meaning: "unordered" },
  },
  "items.list": {},
  "items.get": { itemId: "i0" },
  "items.retire": { itemId: "i0" },
  "items.settleFlag": { flagId: "none" },
  "items.restore": { itemId: "i0" },
  "learn.lesson": { itemId: null },
  "learn.walk": { itemId: "none", policyId: "none", referenceId: "none", rewardModelId: null },
  "machine.get": {},
  "machine.examine": {},
  "models.list": {},
  "models.incoming": {},
  "models.add": { entry: "none" },
  "models.addUploaded": { name: "none", files: [{ uploadId: "none", path: "none" }] },
  "models.hubLook": { repo: "none/none" },
  "models.addFromHub": { repo: "none/none", choice: "folder" },
  "models.cancelAddition": { additionId: "none" },
  "models.repeatAddition": { additionId: "none" },
  "models.rename": { modelId: "none", name: "None" },
  "models.remove": { modelId: "none" },
  "models.lineage": { modelId: "none" },
  "models.removal": { modelId: "none" },
  "models.compressions": { modelId: "none" },
  "models.compress": { modelId: "none", snapshotId: "none", settings: {} },
  "models.cancelCompression": { compressionId: "none" },
  "pairs.create": {
    prompts: [[{ role: "user", content: "Hi" }]],
    modelIds: ["none"],
    perPrompt: 1,
    sampling: {},
  },
  "pairs.list": {},
  "pairs.cancel": { batchId: "none" },
  "practice.next": {},
  "practice.answer": { pairId: "none", verdict: 1, bothBad: false, durationMs: 1 },
  "practice.list": {},
  "practice.save": { pair: practicePair, replaces: "none" },
  "practice.remove": { pairId: "none" },
  "practice.shift": { pairId: "none", by: 1 },
  "playground.start": { prompt: "Hi", modelIds: ["none"], sampling: {} },
  "playground.cancel": { generationId: "none" },
  "playground.events": { generationId: "none" },
  "playground.score": { generationId: "none", modelId: "none", byModelIds: ["none", "none"] },
  "playground.sendPair": { generationId: "none", modelIds: ["none", "none"], targetProjectId: "p" },
  "scorings.get": { scoringId: "none" },
  "tokens.list": {},
  "tokens.create": { name: "CI", scopes: ["read"], days: 30 },
  "tokens.revoke": { tokenId: "none" },
  "webhooks.list": {},
  "webhooks.create": { url: "https://example.org/hook", events: ["run.finished"] },
  "webhooks.update": { webhookId: "none", enabled: false },
  "webhooks.secret": { webhookId: "none" },
  "webhooks.remove": { webhookId: "none" },
  "webhooks.deliveries": { webhookId: "none" },
  "webhooks.redeliver": { webhookId: "none", deliveryId: "none" },
  "webhooks.test": { webhookId: "none" },
  "runs.plan": { snapshotId: "none", kind: "dpo", preset: "quick" },
  "runs.requestPreflight": { snapshotId: "none", kind: "dpo", preset: "quick" },
  "runs.preflight": { preflightId: "none" },
  "runs.create": { snapshotId: "none", kind: "dpo", preset: "quick" },
  "runs.list": {},
  "runs.get": { runId: "none" },
  "runs.cancel": { runId: "none" },
  "runs.pause": { runId: "none" },
  "runs.resume": { runId: "none" },
  "runs.rerun": { runId: "none" },
  "runs.card": { runId: "none" },
  "runs.diskUse": {},
  "runs.removal": { runId: "none" },
  "runs.remove": { runId: "none" },
  "runs.events": { runId: "none" },
};

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { meta: ProcedureMeta } }>,
);
const callers = ["signed out", "stranger", "revoked", "instance admin", ...projectRoles] as const;
type Caller = (typeof callers)[number];
type Outcome = "allowed" | "not_signed_in" | "not_allowed" | "not_found";

let app: App;

beforeAll(() => {
  app = testApp({ HF_ENDPOINT: "http://127.0.0.1:1" });
  const { db } = app;
  seedCrowd(db, { annotators: 0, items: 1, overlap: 1 });
  db.insert(project).values({ id: "other", name: "Other" }).run();
  for (const projectId of ["p", "other"]) {
    const numbers = { number: 1, trainPairs: 1, testPairs: 0, prompts: 1, judgements: 1 };
    db.insert(snapshot)
      .values({ id: `${projectId}-snapshot`, projectId, contentHash: "none", rule: {}, excluded: {}, ...numbers })
      .run();
  }
  db.insert(user).values({ id: "taken", name: "Taken", email: "taken@example.org" }).run();
  for (const name of callers.slice(1)) {
    const instanceAdmin = name === "instance admin";
    db.insert(user)
      .values({ id: name, name, email: `${name}@example.org`, instanceRole: instanceAdmin ? "admin" : "member" })
      .run();
    if (instanceAdmin) continue;
    const role = projectRoles.find((r) => r === name) ?? "owner";
    const projectId = name === "stranger" ? "other" : "p";
    db.insert(membership)
      .values({ projectId, userId: name, role, revokedAt: name === "revoked" ? new Date() : null })
      .run();
  }
});

async function call(path: string, who: Caller, projectId: string): Promise<string> {
  const signedIn =
    who === "signed out" ? null : { id: who, name: who, email: "", instanceAdmin: who === "instance admin" };
  const caller = createCallerFactory(appRouter)({
    app,
    user: signedIn,
    sessionId: "s",
    requestId: "r",
    clientAddress: "127.0.0.1",
  });
  const [namespace, name] = path.split(".") as [keyof typeof caller, string];
  const procedure = (caller[namespace] as unknown as Record<string, (input: unknown) => Promise<unknown>>)[name];
  try {
    await procedure?.({ projectId, ...inputs[path] });
    return "allowed";
  } catch (error) {
    const { message, cause } = error as { message: string; cause?: { details?: { what?: string } } };
    // Past the permission check a made-up assignment is not there: that is being let in.
    return cause?.details?.what === "project" || ["not_signed_in", "not_allowed"].includes(message)
      ? message
      : "allowed";
  }
}

test("every procedure says what it needs and is walked here", () => {
  expect(procedures.map(([path]) => path).sort()).toEqual(Object.keys(inputs).sort());
  for (const [path, { _def }] of procedures) expect(_def.meta?.needs, path).toBeDefined();
});

/** What must come of a call on a project where the caller has `role` (null: does not belong). */
function expected(needs: ProcedureMeta["needs"], who: Caller, role: ProjectRole | null): Outcome {
  if (needs === "public") return "allowed";
  if (who === "signed out") return "not_signed_in";
  if (needs === "user") return "allowed";
  if (needs === "instance-admin") return who === "instance admin" ? "allowed" : "not_allowed";
  if (role === null) return "not_found";
  return projectRoles.indexOf(role) >= projectRoles.indexOf(needs) ? "allowed" : "not_allowed";
}

/** Each caller's role in `p` and in `other`. */
const roleIn = (who: Caller, projectId: string): ProjectRole | null =>
  projectId === "other" ? (who === "stranger" ? "owner" : null) : (projectRoles.find((role) => role === who) ?? null);

describe.each(procedures)("%s", (path, { _def }) => {
  test.each(callers)("%s", async (who) => {
    for (const projectId of ["p", "other"]) {
      const outcome = expected(_def.meta.needs, who, roleIn(who, projectId));
      expect(await call(path, who, projectId), `on ${projectId}`).toBe(outcome);
    }
  });
});

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;

/** A valid request to each route handler, by method and folder. One that is missing here fails the next test. */
interface Route {
  readonly needs: ProcedureMeta["needs"];
  readonly path: (projectId: string) => string;
  readonly params?: (projectId: string) => Record<string, string>;
  readonly body?: (projectId: string) => object;
}
const routes: Record<string, Route> = {
  "GET auth/[...all]": { needs: "public", path: () => "/api/auth/get-session" },
  "POST auth/[...all]": { needs: "public", path: () => "/api/auth/sign-out", body: () => ({}) },
  "GET export/[snapshotId]": {
    needs: "admin",
    path: (projectId) => `/api/export/${projectId}-snapshot`,
    params: (projectId) => ({ snapshotId: `${projectId}-snapshot` }),
  },
  "POST export/[snapshotId]": {
    needs: "admin",
    path: (projectId) => `/api/export/${projectId}-snapshot`,
    params: (projectId) => ({ snapshotId: `${projectId}-snapshot` }),
    body: () => ({}),
  },
  "GET health": { needs: "public", path: () => "/api/health" },
  "POST import/[projectId]": {
    needs: "admin",
    path: (projectId) => `/api/import/${projectId}?fileName=a.jsonl`,
    params: (projectId) => ({ projectId }),
    body: () => ({ prompt: "p", chosen: "c", rejected: "r" }),
  },
  "POST import/[projectId]/uploads": {
    needs: "admin",
    path: (projectId) => `/api/import/${projectId}/uploads`,
    params: (projectId) => ({ projectId }),
    body: () => ({ fileName: "a.jsonl", bytes: 10 }),
  },
  ...Object.fromEntries(
    ["HEAD", "PATCH", "POST", "DELETE"].map((method): [string, Route] => [
      `${method} import/[projectId]/uploads/[uploadId]`,
      {
        needs: "admin",
        path: (projectId) => `/api/import/${projectId}/uploads/none`,
        params: (projectId) => ({ projectId, uploadId: "none" }),
      },
    ]),
  ),
  "GET import/[projectId]/[importId]/problems": {
    needs: "admin",
    path: (projectId) => `/api/import/${projectId}/none/problems`,
    params: (projectId) => ({ projectId, importId: "none" }),
  },
  "POST join": { needs: "public", path: () => "/api/join", body: () => ({ token: "none" }) },
  "GET models/[modelId]/download": {
    needs: "admin",
    path: (projectId) => `/api/models/none/download?projectId=${projectId}`,
    params: () => ({ modelId: "none" }),
  },
  "GET people/[userId]": {
    needs: "owner",
    path: (projectId) => `/api/people/none?projectId=${projectId}`,
    params: () => ({ userId: "none" }),
  },
  "POST release": { needs: "annotator", path: () => "/api/release", body: (projectId) => ({ projectId, leases: [] }) },
  "POST sign-in-link": { needs: "public", path: () => "/api/sign-in-link", body: () => ({ token: "none" }) },
  // Every procedure is walked above; here only that the session of the request reaches it.
  "GET trpc/[trpc]": {
    needs: "annotator",
    path: (id) => `/api/trpc/projects.get?input=${encodeURIComponent(JSON.stringify({ json: { projectId: id } }))}`,
  },
  "POST trpc/[trpc]": {
    needs: "annotator",
    path: () => "/api/trpc/annotate.release",
    body: (projectId) => ({ json: { projectId, leases: [] } }),
  },
};

const apiFolder = join(process.cwd(), "app", "api");
const loadHandlers = (folder: string) =>
  import(join(apiFolder, folder, "route.ts")) as Promise<Record<string, Handler>>;

interface WireError {
  code?: string;
  details?: { what?: string };
  /** tRPC's own shape around the same. */
  json?: { data: { domain: WireError | null } };
}

async function request(key: string, who: Caller, projectId: string): Promise<Outcome> {
  const { path, params, body } = routes[key] as Route;
  const [method = "", folder = ""] = key.split(" ");
  const browser = new Browser(app);
  if (who !== "signed out") {
    const signedIn = new Response();
    for (const cookie of await startSession(app, who, new Headers())) signedIn.headers.append("set-cookie", cookie);
    browser.keep(signedIn);
  }
  const handler = (await loadHandlers(folder))[method] as Handler;
  const url = path(projectId);
  const asked = body ? browser.post(url, body(projectId)) : browser.request(url, { method });
  const response = await handler(asked, { params: Promise.resolve(params?.(projectId) ?? {}) });
  if (response.ok) return "allowed";
  const { error } = (await response.json()) as { error: WireError };
  const { code, details } = error.json ? (error.json.data.domain ?? {}) : error;
  if (code === "not_signed_in" || code === "not_allowed") return code;
  return code === "not_found" && details?.what === "project" ? "not_found" : "allowed";
}

test("every route handler is walked here", async () => {
  const files = readdirSync(apiFolder, { recursive: true, encoding: "utf8" });
  const folders = files
    .filter((file) => /(^|\/)route\.tsx?$/.test(file))
    .map((file) => file.replace(/\/?route\.tsx?$/, ""));
  const found: string[] = [];
  // The REST API knows no sessions: tests/integration/api walks its calls and the scopes of its tokens.
  for (const folder of folders.filter((name) => !name.startsWith("v1/"))) {
    const methods = Object.keys(await loadHandlers(folder)).filter((name) => /^[A-Z]+$/.test(name));
    found.push(...methods.map((method) => `${method} ${folder}`));
  }
  expect(found.sort()).toEqual(Object.keys(routes).sort());
});

describe.each(Object.entries(routes))("%s", (key, { needs }) => {
  test.each(callers)("%s", async (who) => {
    for (const projectId of ["p", "other"]) {
      const outcome = expected(needs, who, roleIn(who, projectId));
      expect(await request(key, who, projectId), `on ${projectId}`).toBe(outcome);
    }
  });
});

test("a role taken away is gone at the next call", async () => {
  expect(await call("annotate.claim", "annotator", "p")).toBe("allowed");
  const where = and(eq(membership.projectId, "p"), eq(membership.userId, "annotator"));
  app.db.update(membership).set({ revokedAt: new Date() }).where(where).run();
  expect(await call("annotate.claim", "annotator", "p")).toBe("not_found");
});
