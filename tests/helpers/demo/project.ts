import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Product } from "../product";
import { Visitor } from "../visitor";
import { labelledFile, openFile } from "./pairs";

/** A product in use: a project with everything in it, one with nothing, and who may look at them. */
export interface Demo {
  readonly admin: Visitor;
  readonly annotator: Visitor;
  readonly projectId: string;
  readonly emptyProjectId: string;
  readonly itemId: string;
  /** Waits for somebody to confirm its columns. */
  readonly openImportId: string;
  readonly doneImportId: string;
  readonly snapshotId: string;
  readonly webhookId: string;
  readonly runs: Readonly<Record<"reward" | "dpo" | "failed" | "running", string>>;
  readonly joinToken: string;
}

const password = "correct horse battery";
const rule = { minJudgements: 1, labels: "soft", minAgreement: 0.5, testShare: 0.2, useImported: true } as const;
const guidelines = `Choose the answer you would rather get yourself.

1. **Right before pretty.** A wrong fact outweighs good style.
2. **Length is no virtue.** Prefer the answer that says what was asked and stops.
3. Say *both are bad* when you would send neither.

If you cannot tell because you do not know the subject, skip the pair.`;

/** Fills a fresh product over HTTP, as its pages would. Runs are trained for real: an epoch takes about half a minute. */
export async function fillProduct(
  { url, signInLink, dataDir }: Product,
  { epochs }: { epochs: number },
): Promise<Demo> {
  const admin = new Visitor(url);
  const token = new URL(signInLink ?? "").searchParams.get("token");
  await admin.post("/api/sign-in-link", { token });
  await admin.trpc.account.setCredentials.mutate({ name: "Ada Palmer", email: "ada@example.org", password });

  const { id: emptyProjectId } = await admin.trpc.projects.create.mutate({ name: "Empty shelf" });
  const { id: projectId } = await admin.trpc.projects.create.mutate({
    name: "Helpful answers",
    description: "Short answers to everyday questions, in English and Chinese.",
  });
  await admin.trpc.projects.update.mutate({ projectId, guidelines, overlap: 2 });

  await admin.trpc.tokens.create.mutate({ projectId, name: "Nightly export", scopes: ["read", "export"], days: 90 });
  // Nobody listens there: its log shows attempts.
  const hook = { url: "https://127.0.0.1:1/hooks", events: ["import.finished" as const, "run.finished" as const] };
  const { id: webhookId } = await admin.trpc.webhooks.create.mutate({ projectId, ...hook });

  const upload = (name: string, text: string) =>
    admin.post<{ importId: string }>(`/api/import/${projectId}?fileName=${name}`, text);
  const take = async (importId: string) => {
    const { mapping } = await admin.trpc.imports.preview.query({ projectId, importId });
    await admin.trpc.imports.commit.mutate({ projectId, importId, mapping });
    while ((await admin.trpc.imports.get.query({ projectId, importId })).state !== "finished") await sleep(50);
    return importId;
  };
  await take((await upload("stories-labelled.json", labelledFile())).importId);
  const doneImportId = await take((await upload("everyday-questions.jsonl", openFile())).importId);
  const { importId: openImportId } = await upload("everyday-questions-2.jsonl", openFile());

  const invite = async (label: string, maxUses: number | null) => {
    const { url: link } = await admin.trpc.invites.create.mutate({ projectId, role: "annotator", label, maxUses });
    return link.split("/").at(-1) as string;
  };
  const joinToken = await invite("Language class, autumn term", null);
  const [annotator] = await Promise.all(
    ["Lin Wei", "Noor Haddad", "Piotr Zieliński"].map(async (name, index) => {
      const person = new Visitor(url);
      await person.post("/api/join", { token: joinToken, name, email: `person${index}@example.org`, password });
      await vote(person, projectId, [14, 9, 3][index] ?? 0);
      return person;
    }),
  );
  if (!annotator) throw new Error("Nobody joined.");

  const { id: snapshotId } = await admin.trpc.datasets.create.mutate({ projectId, rule, note: "After the first week" });
  const start = (kind: "reward" | "dpo", from: string, rounds: number) =>
    admin.trpc.runs.create.mutate({
      projectId,
      snapshotId: from,
      kind,
      preset: "quick",
      settings: { epochs: rounds },
    });
  const reward = await start("reward", snapshotId, epochs);
  const dpo = await start("dpo", snapshotId, epochs);
  for (const { runId } of [reward, dpo]) await finish(admin, projectId, runId);

  // A dataset that is no longer there: what a run says when its disk has lost something.
  const lost = await admin.trpc.datasets.create.mutate({ projectId, rule: { ...rule, splitSeed: 1 }, note: "" });
  const { snapshots } = await admin.trpc.datasets.list.query({ projectId });
  const hash = snapshots.find(({ id }) => id === lost.id)?.contentHash ?? "";
  await rm(join(dataDir, "snapshots", hash), { recursive: true });
  const failed = await start("dpo", lost.id, 1);
  await finish(admin, projectId, failed.runId);

  const running = await start("dpo", snapshotId, 50);
  const { items } = await admin.trpc.items.list.query({ projectId, search: "Python" });
  return {
    admin,
    annotator,
    projectId,
    emptyProjectId,
    itemId: items[0]?.id ?? "",
    openImportId,
    doneImportId,
    snapshotId,
    webhookId,
    runs: { reward: reward.runId, dpo: dpo.runId, failed: failed.runId, running: running.runId },
    joinToken,
  };
}

/** The same with a run that trains from now on; the one before it is ended. It lasts about two minutes on two cores. */
export async function trainAnew(demo: Demo): Promise<Demo> {
  const { admin, projectId, runs } = demo;
  const { state } = await admin.trpc.runs.get.query({ projectId, runId: runs.running });
  if (state === "queued" || state === "running") {
    await admin.trpc.runs.cancel.mutate({ projectId, runId: runs.running });
    await finish(admin, projectId, runs.running);
  }
  const { runId } = await admin.trpc.runs.rerun.mutate({ projectId, runId: runs.running });
  return { ...demo, runs: { ...runs, running: runId } };
}

/** Judges so many pairs by a rule of thumb, now and then with a reason. */
async function vote({ trpc }: Visitor, projectId: string, count: number): Promise<void> {
  for (let round = 0; round < count; round++) {
    const { pairs } = await trpc.annotate.claim.mutate({ projectId, want: 1, holding: [] });
    const [pair] = pairs;
    if (!pair) return;
    const length = (side: typeof pair.left) => side.reduce((sum, { content }) => sum + content.length, 0);
    const bothBad = round % 9 === 8;
    await trpc.annotate.submit.mutate({
      projectId,
      assignmentId: pair.assignmentId,
      leaseToken: pair.leaseToken,
      submissionId: randomUUID(),
      verdict: bothBad ? null : (Math.sign(length(pair.right) - length(pair.left)) as number) * ((round % 3) + 1),
      bothBad,
      reason: round % 4 === 0 ? "Says what was asked and shows how to check it." : null,
      durationMs: 9_000 + round * 700,
    });
  }
}

/** Waits until a run has ended, however it did. */
async function finish({ trpc }: Visitor, projectId: string, runId: string): Promise<void> {
  for (;;) {
    const { state } = await trpc.runs.get.query({ projectId, runId });
    if (state !== "queued" && state !== "running") return;
    await sleep(500);
  }
}
