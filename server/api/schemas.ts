import { z } from "zod";
import { messagesSchema } from "@/trainer/contracts/message";
import { presetSchema } from "@/trainer/contracts/preset";
import { snapshotRunKinds } from "@/trainer/contracts/runConfig";
import { runEventSchema } from "@/trainer/contracts/runEvent";
import { settingsSchema } from "@/trainer/contracts/settings";
import { apiScopes } from "../domain/api/scopes";
import { importMappingSchema } from "../domain/imports/mapping";
import { combinationRuleSchema, verdictSchema } from "../domain/preference";
import { diffKinds } from "../domain/snapshotDiff";
import { webhookEventTypes } from "../domain/webhooks";

/** Everything that the API takes and gives, each under its name in the document. */
export const answers = z.registry<{ id: string }>();
const named = <T extends z.ZodType>(id: string, schema: T): T => {
  answers.add(schema, { id });
  return schema;
};

const id = z.string();
const time = z.iso.datetime().describe("ISO 8601 in UTC.");
const count = z.number().int().min(0);
const nextCursor = z.string().nullable().describe("Give it as `cursor` to get the next page; null on the last one.");

const message = named("Message", messagesSchema.element);
const messages = z.array(message);

export const project = named(
  "Project",
  z.object({
    id,
    name: z.string(),
    description: z.string(),
    token: z.object({ name: z.string(), scopes: z.array(z.enum(apiScopes)), expiresAt: time }),
  }),
);

const response = named(
  "Response",
  z.object({
    messages,
    model: z.string().nullable().describe("Which model gave it, where that is known."),
  }),
);

const itemFields = {
  id,
  externalId: z.string().nullable().describe("The id that it had in the file it came in with."),
  prompt: messages,
  responses: z.object({ a: response, b: response }).describe("In stored order, whatever side they are shown on."),
  votes: count.describe("Counted votes."),
  createdAt: time,
};
const item = named(
  "Item",
  z.object({
    ...itemFields,
    overlap: count.describe("Votes wanted."),
    verdicts: z.array(verdictSchema).describe("What stands, imported judgements included; both-bad ones have none."),
    state: z.enum(["open", "complete", "disputed", "retired"]),
  }),
);
export const itemPage = named("ItemPage", z.object({ items: z.array(item), nextCursor }));

const judgement = named(
  "Judgement",
  z.object({
    id,
    itemId: id,
    annotator: z.string().describe("A pseudonym: the same for the same person of the same project, as in exports."),
    source: z.enum(["project", "import", "rule"]),
    verdict: verdictSchema
      .nullable()
      .describe(
        "-3 … 3 in stored order: negative prefers response a, 0 is a tie. Null when both are bad, and for an undo.",
      ),
    bothBad: z.boolean(),
    reason: z.string().nullable(),
    criteria: z.record(z.string(), z.number()),
    shownLeft: z.enum(["a", "b"]).nullable().describe("Which response was shown on the left."),
    durationMs: z.number().nullable(),
    guidelineVersion: z.number().int().nullable().describe("The newest guidelines that they had read."),
    purpose: z.string(),
    occurrence: z.number().int(),
    action: z.enum(["judge", "undo"]),
    late: z.boolean().describe("It came when somebody else had the slot: kept, not counted."),
    supersedesId: z.string().nullable().describe("The judgement that it replaces or takes back."),
    stands: z.boolean().describe("It was not taken back or replaced, and it counts."),
    createdAt: time,
  }),
);
export const judgementPage = named("JudgementPage", z.object({ judgements: z.array(judgement), nextCursor }));
export const itemDetail = named(
  "ItemDetail",
  z.object({
    ...itemFields,
    meta: z.record(z.string(), z.unknown()),
    retiredAt: time.nullable(),
    judgements: z.array(judgement),
  }),
);

const importFields = {
  id,
  fileName: z.string(),
  format: z.string(),
  state: z.enum(["uploaded", "queued", "running", "finished", "failed"]),
  rowsRead: count,
  itemsAdded: count,
  itemsKnown: count.describe("Rows whose pair the project had already."),
  judgementsAdded: count,
  responsesAdded: count.describe("Single responses with a label (KTO's rows)."),
  rowsRefused: count,
  error: z.string().nullable(),
  createdAt: time,
  finishedAt: time.nullable(),
};
const importSummary = named("Import", z.object(importFields));
export const importList = named("ImportList", z.object({ imports: z.array(importSummary) }));
export const importDetail = named(
  "ImportDetail",
  z.object({
    ...importFields,
    mapping: z.record(z.string(), z.unknown()).describe("Which column is what, as it was recognised or given."),
    problems: z
      .array(z.object({ line: z.number().int(), field: z.string().nullable(), reason: z.string() }))
      .describe("The first 200 refused rows."),
  }),
);

const snapshotFields = {
  id,
  number: z.number().int().min(1),
  contentHash: z.string().describe("SHA-256 of the rule and every pair: the same on any machine."),
  rule: z.record(z.string(), z.unknown()),
  trainPairs: count,
  testPairs: count,
  trainResponses: count.describe("Single responses with a label, for KTO and SFT."),
  testResponses: count,
  prompts: count,
  judgements: count,
  ruleJudgements: count.describe("How many of the judgements a rule made, not a person."),
  excluded: z.record(z.string(), count).describe("Items left out, by reason."),
  note: z.string(),
  createdAt: time,
};
const snapshotSummary = named("Snapshot", z.object({ ...snapshotFields, runs: count }));
export const snapshotList = named("SnapshotList", z.object({ snapshots: z.array(snapshotSummary) }));
export const createdSnapshot = named(
  "CreatedSnapshot",
  z.object({
    id,
    number: z.number().int().min(1),
    existed: z.boolean().describe("Nothing had changed since the newest snapshot: that one is returned."),
  }),
);
export const snapshotDetail = named(
  "SnapshotDetail",
  z.object({
    ...snapshotFields,
    runs: z.array(z.object({ id, kind: z.enum(snapshotRunKinds), state: z.string(), modelId: z.string().nullable() })),
    models: z.array(z.object({ id, name: z.string(), kind: z.string() })),
  }),
);

const pairState = z
  .object({ split: z.enum(["train", "test"]), probability: z.number(), strength: z.number() })
  .nullable();
const diffPair = named(
  "DiffPair",
  z.object({
    kind: z.enum(diffKinds),
    id: id.describe("The item's id."),
    prompt: messages,
    chosen: messages.describe("As the newer of the two snapshots that hold the pair has it."),
    rejected: messages,
    before: pairState,
    after: pairState,
  }),
);
export const snapshotDiff = named(
  "SnapshotDiff",
  z.object({
    from: z.object({ id, number: z.number().int() }),
    to: z.object({ id, number: z.number().int() }),
    sameRule: z.boolean(),
    counts: z.object({ added: count, removed: count, swapped: count, reweighed: count, moved: count, same: count }),
    pairs: z.array(diffPair),
    nextOffset: count.nullable(),
  }),
);

const runFields = {
  id,
  kind: z.enum(snapshotRunKinds),
  state: z.enum(["queued", "running", "paused", "finished", "failed", "cancelled"]),
  snapshotId: id,
  snapshotNumber: z.number().int(),
  baseModelName: z.string().nullable(),
  step: count,
  totalSteps: count.nullable(),
  etaSeconds: z.number().nullable(),
  metrics: z.record(z.string(), z.number()).nullable().describe("TRL's names; held-out ones begin with `eval_`."),
  intervals: z
    .record(z.string(), z.array(z.number()).length(2))
    .nullable()
    .describe(
      "95 % intervals: bootstraps resampled by prompt; for accuracies over fewer than 30 prompts, or of 0 or 1, Wilson's.",
    ),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
  modelId: z.string().nullable().describe("The model that it made."),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
};
const run = named("Run", z.object(runFields));
export const runList = named("RunList", z.object({ runs: z.array(run), workerOnline: z.boolean() }));
export const runDetail = named(
  "RunDetail",
  z.object({ ...runFields, config: z.record(z.string(), z.unknown()), workerOnline: z.boolean() }),
);
const runEvent = named("RunEvent", runEventSchema);
export const runEvents = named(
  "RunEvents",
  z.object({
    events: z.array(z.object({ seq: z.number().int(), event: runEvent })),
    after: z.number().int().describe("Give it as `after` to get what comes next."),
    state: runFields.state,
    ended: z.boolean().describe("There will be no more events."),
  }),
);

const model = named(
  "Model",
  z.object({
    id,
    kind: z.enum(["policy", "reward"]),
    name: z.string(),
    parameters: count,
    bytes: count,
    baseModelName: z.string().nullable(),
    runId: z.string().nullable(),
    snapshotNumber: z.number().int().nullable(),
    metrics: z.record(z.string(), z.number()).nullable(),
    starter: z.boolean().describe("The model that ships with Tiebreak."),
    compressed: z
      .object({ fullBytes: count })
      .nullable()
      .describe("Of a model compressed against its base: how large its files were before."),
    createdAt: time,
  }),
);
export const modelList = named("ModelList", z.object({ models: z.array(model) }));

/** What requests hold. */
export const newSnapshot = z.object({
  rule: combinationRuleSchema.prefault({}).describe("How judgements become pairs."),
  note: z.string().trim().max(2000).default(""),
});
export const newRun = z.object({
  snapshotId: z.string().min(1),
  kind: z.enum(snapshotRunKinds),
  preset: presetSchema.describe("How long it takes and how far it goes."),
  baseModelId: z.string().min(1).optional().describe("The project's own choice, or the starter, without one."),
  settings: settingsSchema
    .optional()
    .describe('What is set differently from the preset, by path: {"optimizer.learningRate": 1e-5}.'),
  rewardId: z.string().min(1).optional().describe("Of PPO, GRPO and RLOO: the reward model that scores answers."),
});
export const startImport = z.object({
  mapping: importMappingSchema.optional().describe("Which column is what; as recognised without one."),
});

export const problem = named(
  "Problem",
  z.object({
    type: z.string(),
    title: z.string().describe("What kind of problem it is."),
    status: z.number().int(),
    code: z.string(),
    detail: z.string().describe("What is wrong here."),
    where: z.string().optional().describe("Which part of the request: `query.limit`, `body.rule.testShare`."),
    action: z.string().describe("What to do."),
    requestId: z.string().describe("Finds it in the server's log."),
  }),
);

const eventData = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
export const webhookMessage = named(
  "WebhookMessage",
  z.object({
    type: z.enum(webhookEventTypes),
    timestamp: time,
    data: eventData.describe("`projectId`, the id of what it is about, and its counts."),
  }),
);
