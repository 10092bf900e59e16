import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { and, eq } from "drizzle-orm";
import { type DbTx, writeTx } from "@/db/client";
import { insertVersion } from "@/db/queries/guidelines.queries";
import { insertItems } from "@/db/queries/items.queries";
import { listJudgedItems } from "@/db/queries/snapshots.queries";
import { audit } from "@/db/schema/audit";
import { membership, project } from "@/db/schema/identity";
import en from "@/messages/en/demo.json";
import zh from "@/messages/zh/demo.json";
import { type Disclosure, ruleKey } from "../domain/demo/disclosure";
import { warmthVerdict } from "../domain/demo/warmth";
import { combinationRuleSchema } from "../domain/preference";
import { authorize } from "./access";
import { writePairs } from "./imports.chunk";
import { createSnapshot, type SnapshotStore } from "./snapshots.service";

/** Where a demo's pairs are, and the ids by which it is found again. */
const demos = {
  generated: { id: "demo-stories", file: "unlabelled.jsonl.gz" },
  rule: { id: "demo-warmth", file: "warmth.jsonl.gz" },
} as const satisfies Record<Disclosure, { id: string; file: string }>;

const mostPairs = 10_000;

/** Some 300 prompts are held out: enough to see whether training helped. */
const snapshotRule = combinationRuleSchema.parse({ testShare: 0.15 });

export interface DemoSeed {
  /** Folder with the pairs. */
  readonly pairsDir: string;
  /** Becomes the owner of the demo projects. */
  readonly ownerId: string;
  /** Language of their names and guidelines. */
  readonly language: "en" | "zh";
  readonly now?: Date;
}

/**
 * Puts the demo projects into an instance that has never had a project, once and for all: they do not come back when they
 * are deleted. Projects, pairs and the rule's judgements are one transaction; a snapshot that an interruption kept from
 * being made is made at the next start.
 */
export async function seedDemo(store: SnapshotStore, seed: DemoSeed): Promise<void> {
  const { db } = store;
  writeTx(db, (tx) => {
    if (happened(tx, "demo.seeded")) return;
    const fresh = tx.select({ id: project.id }).from(project).limit(1).get() === undefined;
    if (fresh) for (const kind of ["rule", "generated"] as const) addProject(tx, kind, seed);
    tx.insert(audit).values({ action: "demo.seeded", subject: "demo", details: { fresh } }).run();
  });
  const { id } = demos.rule;
  const there = db.select({ id: project.id }).from(project).where(eq(project.id, id)).get() !== undefined;
  if (!there || happened(db, "snapshot.create", id)) return;
  await createSnapshot(store, authorize(db, seed.ownerId, id, "admin"), { rule: snapshotRule, note: "" });
}

const happened = (tx: DbTx, action: string, projectId?: string): boolean =>
  tx
    .select({ id: audit.id })
    .from(audit)
    .where(and(eq(audit.action, action), projectId === undefined ? undefined : eq(audit.projectId, projectId)))
    .limit(1)
    .get() !== undefined;

function addProject(tx: DbTx, disclosure: Disclosure, { pairsDir, ownerId, language, now = new Date() }: DemoSeed) {
  const { id, file } = demos[disclosure];
  const { guidelines, ...texts } = { en, zh }[language].project[disclosure];
  tx.insert(project)
    .values({ id, ...texts, disclosure, createdBy: ownerId, createdAt: now })
    .run();
  tx.insert(membership).values({ projectId: id, userId: ownerId, role: "owner" }).run();
  insertVersion(tx, { projectId: id, version: 1, text: guidelines, createdBy: ownerId, createdAt: now });
  const context = { projectId: id, source: "demo", responsesOrdered: false, now };
  writePairs(tx, context, readPairs(join(pairsDir, file)));
  if (disclosure === "rule") judgeByRule(tx, id, now);
}

/** The file's pairs as an import would read them. */
function readPairs(file: string) {
  const lines = gunzipSync(readFileSync(file)).toString("utf8").trim().split("\n");
  return lines.map((line) => {
    const { prompt, a, b } = JSON.parse(line) as Record<"prompt" | "a" | "b", string>;
    const answer = (content: string) => [{ role: "assistant" as const, content }];
    return {
      prompt: [{ role: "user" as const, content: prompt }],
      a: answer(a),
      b: answer(b),
      modelA: "starter",
      modelB: "starter",
      externalId: null,
      meta: {},
      labels: [],
    };
  });
}

/** The rule says its word about every item, in the order in which its answers are stored. */
function judgeByRule(tx: DbTx, projectId: string, now: Date): void {
  const text = (messages: readonly { content: string }[]) => messages.map((m) => m.content).join("\n");
  const judgements = listJudgedItems(tx, projectId, "", mostPairs).map(({ id, a, b }) => ({
    id: `${id}rule`,
    projectId,
    itemId: id,
    annotatorKey: ruleKey("warmth"),
    submissionId: `rule:warmth:${id}`,
    verdict: warmthVerdict(text(a), text(b)),
    createdAt: now,
  }));
  insertItems(tx, { items: [], responses: [], judgements });
}
