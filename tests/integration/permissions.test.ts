import { randomUUID } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import type { Db } from "@/db/client";
import { membership, project, user } from "@/db/schema/identity";
import { projectRoles } from "@/server/domain/roles";
import { readEnv } from "@/server/env";
import { createLog } from "@/server/log";
import { appRouter } from "@/server/trpc/appRouter";
import { createCallerFactory, type ProcedureMeta } from "@/server/trpc/init";
import { seedCrowd, testDb } from "../helpers/testDb";

/** A valid input of each procedure, project apart. A procedure that is missing here fails the first test. */
const lease = { assignmentId: "none", leaseToken: "none" };
const inputs: Record<string, object> = {
  "annotate.claim": { want: 1, holding: [] },
  "annotate.submit": { ...lease, submissionId: randomUUID(), verdict: 1, bothBad: false, durationMs: 1 },
  "annotate.undo": { submissionId: randomUUID() },
  "annotate.skip": lease,
  "annotate.heartbeat": { leases: [] },
  "annotate.release": { leases: [] },
  "datasets.list": {},
  "datasets.preview": { rule: {} },
  "datasets.create": { rule: {} },
  "datasets.rows": { snapshotId: "none", split: "train", offset: 0, limit: 1 },
  "imports.list": {},
  "imports.get": { importId: "none" },
  "imports.preview": { importId: "none" },
  "imports.commit": {
    importId: "none",
    mapping: { prompt: null, responseA: "a", responseB: "b", meaning: "unordered" },
  },
  "items.list": {},
  "items.get": { itemId: "i0" },
  "items.retire": { itemId: "i0" },
  "items.restore": { itemId: "i0" },
  "models.list": {},
  "models.rename": { modelId: "none", name: "None" },
  "models.remove": { modelId: "none" },
  "playground.start": { prompt: "Hi", modelIds: ["none"], sampling: {} },
  "playground.cancel": { generationId: "none" },
  "playground.events": { generationId: "none" },
  "runs.plan": { snapshotId: "none", kind: "dpo", preset: "quick" },
  "runs.create": { snapshotId: "none", kind: "dpo", preset: "quick" },
  "runs.list": {},
  "runs.get": { runId: "none" },
  "runs.cancel": { runId: "none" },
  "runs.rerun": { runId: "none" },
  "runs.events": { runId: "none" },
};

const procedures = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { meta: ProcedureMeta } }>,
);
const callers = ["signed out", "stranger", "revoked", ...projectRoles] as const;
const dataDir = mkdtempSync(join(tmpdir(), "permissions-"));
let db: Db;

beforeAll(() => {
  db = testDb(join(dataDir, "test.db"));
  seedCrowd(db, { annotators: 0, items: 1, overlap: 1 });
  db.insert(project).values({ id: "other", name: "Other" }).run();
  for (const name of callers.slice(1)) {
    db.insert(user)
      .values({ id: name, name, email: `${name}@example.org` })
      .run();
    const role = projectRoles.find((r) => r === name) ?? "owner";
    const projectId = name === "stranger" ? "other" : "p";
    db.insert(membership)
      .values({ projectId, userId: name, role, revokedAt: name === "revoked" ? new Date() : null })
      .run();
  }
});

async function call(path: string, who: string, projectId: string): Promise<string> {
  const app = { env: readEnv({ TIEBREAK_DATA: dataDir }), db, log: createLog("web", "error") };
  const signedIn = who === "signed out" ? null : { id: who, name: who, email: "", instanceAdmin: false };
  const caller = createCallerFactory(appRouter)({ app, user: signedIn, requestId: "r", clientAddress: "127.0.0.1" });
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

describe.each(procedures)("%s", (path, { _def }) => {
  test.each(callers)("%s", async (who) => {
    const { needs } = _def.meta;
    const rank = (role: string) => projectRoles.indexOf(role as (typeof projectRoles)[number]);
    const expected =
      who === "signed out"
        ? "not_signed_in"
        : rank(who) < 0
          ? "not_found"
          : rank(who) >= rank(needs)
            ? "allowed"
            : "not_allowed";
    expect(await call(path, who, "p")).toBe(expected);
    const elsewhere = who === "signed out" ? "not_signed_in" : who === "stranger" ? "allowed" : "not_found";
    expect(await call(path, who, "other")).toBe(elsewhere);
  });
});

test("a role taken away is gone at the next call", async () => {
  expect(await call("annotate.claim", "annotator", "p")).toBe("allowed");
  const where = and(eq(membership.projectId, "p"), eq(membership.userId, "annotator"));
  db.update(membership).set({ revokedAt: new Date() }).where(where).run();
  expect(await call("annotate.claim", "annotator", "p")).toBe("not_found");
});
