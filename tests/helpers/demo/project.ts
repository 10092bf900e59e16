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
  /** The annotator has not read its guidelines. */
  readonly unreadProjectId: string;
  /** The annotator is to practise there first. */
  readonly practiceProjectId: string;
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
  await admin.trpc.projects.update.mutate({ projectId, overlap: 2, practicePairs: 2 });
  await guide(admin, projectId);

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
      await begin(person, projectId);
      await vote(person, projectId, [14, 9, 3][index] ?? 0);
      return person;
    }),
  );
  if (!annotator) throw new Error("Nobody joined.");
  const beginnings = await firstSteps(admin, annotator);

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
    ...beginnings,
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

const pair = (prompt: string, a: string, b: string, verdict: number, why: string) => ({
  prompt: [{ role: "user" as const, content: prompt }],
  a: [{ role: "assistant" as const, content: a }],
  b: [{ role: "assistant" as const, content: b }],
  ...{ verdict, bothBad: false, why },
});
const oranges = pair(
  "How long do oranges keep?",
  "About two weeks in the fridge, a week at room temperature.",
  "Oranges are a fruit that people have enjoyed for centuries. They keep for a while.",
  -3,
  "Left says **how long**. Right is longer and says nothing.",
);
const kettle = pair(
  "Why does my kettle whistle?",
  "Because it is happy.",
  "Steam is pressed through two small plates in the spout, and the air between them swings.",
  3,
  "Right is true; left is a joke that nobody asked for.",
);

/** Two versions of the guidelines and two pairs to practise on. */
async function guide({ trpc }: Visitor, projectId: string): Promise<void> {
  await trpc.guidelines.publish.mutate({ projectId, text: guidelines, examples: [], base: 0 });
  const text = `${guidelines}\n\nAn answer in another language than the question is bad.`;
  const change = "Answers in the wrong language are bad, and there is an example now.";
  await trpc.guidelines.publish.mutate({ projectId, text, examples: [oranges], change, base: 1 });
  for (const practised of [oranges, kettle]) await trpc.practice.save.mutate({ projectId, pair: practised });
}

/** Two projects that the annotator has just joined. Each look at practice may judge a pair, so there are many. */
async function firstSteps({ trpc }: Visitor, annotator: Visitor) {
  const joined = async (name: string) => {
    const { id: projectId } = await trpc.projects.create.mutate({ name });
    const { url } = await trpc.invites.create.mutate({ projectId, role: "annotator" });
    await annotator.trpc.invites.accept.mutate({ token: url.split("/").at(-1) as string });
    return projectId;
  };
  const unreadProjectId = await joined("Poems");
  await trpc.guidelines.publish.mutate({ projectId: unreadProjectId, text: guidelines, examples: [kettle], base: 0 });
  const practiceProjectId = await joined("Recipes");
  for (let i = 0; i < 20; i++) await trpc.practice.save.mutate({ projectId: practiceProjectId, pair: oranges });
  await trpc.projects.update.mutate({ projectId: practiceProjectId, practicePairs: 20 });
  return { unreadProjectId, practiceProjectId };
}

/** What comes before somebody's first real pair. */
async function begin({ trpc }: Visitor, projectId: string): Promise<void> {
  await trpc.guidelines.acknowledge.mutate({ projectId, version: 2, readAt: new Date() });
  for (;;) {
    const { pair: next } = await trpc.practice.next.query({ projectId });
    if (!next) return;
    await trpc.practice.answer.mutate({ projectId, pairId: next.id, verdict: -2, bothBad: false, durationMs: 9_000 });
  }
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
