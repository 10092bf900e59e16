import { z } from "zod";
import { DomainError } from "../domain/errors";
import { exportRequestSchema } from "../domain/exports/request";
import { diffKinds } from "../domain/snapshotDiff";
import { fileResponse } from "../http/file";
import { uploadStore } from "../http/imports";
import { openExport } from "../services/exports.service";
import { getImport, getImportMapping, listImports, requestImport } from "../services/imports.service";
import { receiveUpload } from "../services/imports.upload";
import { getItem, listWholeItems } from "../services/items.service";
import { listJudgements } from "../services/judgements.service";
import { listModelRows } from "../services/models.service";
import { getProject } from "../services/projects.service";
import { cancelRun } from "../services/runs.control";
import { createRun, getRun, isFinal, listRuns, pageOfEvents } from "../services/runs.service";
import { diffSnapshots } from "../services/snapshots.diff";
import { createSnapshot, getSnapshotUse, listSnapshots } from "../services/snapshots.service";
import { type ApiContext, type Endpoint, endpoint, type Params } from "./endpoint";
import { runEventStream } from "./runEventStream";
import * as s from "./schemas";

const limit = (most: number, usual: number) =>
  z.coerce.number().int().min(1).max(most).default(usual).describe("The most entries on a page.");
const cursor = z.string().max(200).optional().describe("Where to go on: `nextCursor` of the page before.");

const need = (params: Params, name: string): string => params[name] ?? "";
const snapshotStore = ({ app }: ApiContext) => ({ db: app.db, snapshotsDir: app.env.snapshotsDir });

function importAnswer(context: ApiContext, importId: string, status: number): Response {
  const found = importView(context, importId);
  return Response.json(found, { status, headers: { location: `/api/v1/imports/${importId}` } });
}

const importView = ({ app, access }: ApiContext, importId: string) => ({
  ...getImport(app.db, access, importId),
  mapping: getImportMapping(app.db, access, importId),
});

function runRow(row: ReturnType<typeof listRuns>["runs"][number]) {
  const { id, kind, state, snapshotId, snapshotNumber, baseModelName, step, totalSteps, etaSeconds } = row;
  const { metrics, intervals, error, modelId, createdAt, startedAt, finishedAt } = row;
  const about = { id, kind, state, snapshotId, snapshotNumber, baseModelName, step, totalSteps, etaSeconds };
  return { ...about, metrics, intervals, error, modelId, createdAt, startedAt, finishedAt };
}

/** Every call of the API, in the order of the documentation. */
export const endpoints: readonly Endpoint[] = [
  endpoint({
    method: "get",
    path: "/project",
    operationId: "getProject",
    tag: "Project",
    scope: null,
    summary: "The project that the token opens",
    query: null,
    body: null,
    answer: { status: 200, schema: s.project, what: "The project and the token." },
    handle({ app, access, token: { name, scopes, expiresAt } }) {
      const found = getProject(app.db, access);
      return { id: found.id, name: found.name, description: found.description, token: { name, scopes, expiresAt } };
    },
  }),
  endpoint({
    method: "get",
    path: "/items",
    operationId: "listItems",
    tag: "Items",
    scope: "read",
    summary: "Items, newest first",
    description: "A prompt with two responses each. Pages follow one another by `cursor`; new items never shift them.",
    query: z.object({
      limit: limit(200, 50),
      cursor,
      state: z.enum(["all", "open", "complete", "disputed", "reported", "retired"]).default("all"),
      search: z.string().max(500).default("").describe("Text of the prompt, or an external id."),
    }),
    body: null,
    answer: { status: 200, schema: s.itemPage, what: "A page of items." },
    handle({ app, access }, { query }) {
      const { items, nextCursor } = listWholeItems(app.db, access, { ...query, cursor: query.cursor ?? null });
      return {
        items: items.map(({ a, b, ...row }) => ({ ...row, responses: { a: side(a), b: side(b) } })),
        nextCursor,
      };
    },
  }),
  endpoint({
    method: "get",
    path: "/items/{itemId}",
    operationId: "getItem",
    tag: "Items",
    scope: "read",
    summary: "One item and what was said of it",
    query: null,
    body: null,
    answer: { status: 200, schema: s.itemDetail, what: "The item." },
    errors: [404],
    handle({ app, access }, { params }) {
      const { id, externalId, prompt, a, b, votes, meta, createdAt, retiredAt } = getItem(
        app.db,
        access,
        need(params, "itemId"),
      );
      const all = { cursor: null, itemId: id, from: undefined, limit: 10_000 };
      const { judgements } = listJudgements(app.db, access, all);
      const responses = { a: side(a), b: side(b) };
      return { id, externalId, prompt, responses, votes, createdAt, meta, retiredAt, judgements };
    },
  }),
  endpoint({
    method: "get",
    path: "/judgements",
    operationId: "listJudgements",
    tag: "Judgements",
    scope: "read",
    summary: "Everything that was said, oldest first",
    description:
      "Undone and replaced judgements are there as well; `stands` tells which count. Judges appear under pseudonyms.",
    query: z.object({
      limit: limit(1_000, 100),
      cursor,
      itemId: z.string().max(200).optional().describe("Only those of one item."),
      from: z.iso.datetime().optional().describe("Only those made then or later."),
    }),
    body: null,
    answer: { status: 200, schema: s.judgementPage, what: "A page of judgements." },
    handle({ app, access }, { query: { limit: most, cursor: at, itemId, from } }) {
      const since = from === undefined ? undefined : new Date(from);
      return listJudgements(app.db, access, { cursor: at ?? null, itemId, from: since, limit: most });
    },
  }),
  endpoint({
    method: "post",
    path: "/imports",
    operationId: "createImport",
    tag: "Imports",
    scope: "import",
    summary: "Bring a file in",
    description:
      "The body is the file itself: JSON lines, JSON, CSV, TSV or Parquet, each also packed with gzip, zstd or zip; its format and columns are recognised. The import then goes on in the background: read it until its state is `finished` or `failed`, or let a webhook tell. The same file twice adds nothing.",
    query: z.object({
      fileName: z.string().trim().min(1).max(255).default("upload.jsonl").describe("The file's name, with its ending."),
      start: z
        .enum(["true", "false"])
        .default("true")
        .describe("`false`: only recognise it and wait to be started, so that the mapping can be looked at first."),
    }),
    body: "file",
    answer: { status: 202, schema: s.importDetail, what: "The import, on its way." },
    errors: [413, 422],
    async handle(context, { query: { fileName, start } }) {
      const { request, app, access } = context;
      const length = request.headers.get("content-length");
      const upload = { fileName, body: request.body, announcedBytes: length === null ? null : Number(length) };
      const { importId } = await receiveUpload(uploadStore(app), access, upload);
      const mapping = getImportMapping(app.db, access, importId);
      if (start === "true") requestImport(app.db, access, { importId, mapping });
      return importAnswer(context, importId, 202);
    },
  }),
  endpoint({
    method: "get",
    path: "/imports",
    operationId: "listImports",
    tag: "Imports",
    scope: "import",
    summary: "Imports, newest first",
    query: null,
    body: null,
    answer: { status: 200, schema: s.importList, what: "All imports." },
    handle: ({ app, access }) => ({ imports: listImports(app.db, access) }),
  }),
  endpoint({
    method: "get",
    path: "/imports/{importId}",
    operationId: "getImport",
    tag: "Imports",
    scope: "import",
    summary: "How an import stands",
    query: null,
    body: null,
    answer: { status: 200, schema: s.importDetail, what: "The import with its refused rows." },
    errors: [404],
    handle: (context, { params }) => importView(context, need(params, "importId")),
  }),
  endpoint({
    method: "post",
    path: "/imports/{importId}/start",
    operationId: "startImport",
    tag: "Imports",
    scope: "import",
    summary: "Start an import that waits or was interrupted",
    query: null,
    body: s.startImport,
    answer: { status: 202, schema: s.importDetail, what: "The import, on its way." },
    errors: [404, 409],
    handle(context, { params, body: { mapping } }) {
      const importId = need(params, "importId");
      const { app, access } = context;
      const { state } = getImport(app.db, access, importId);
      if (state === "finished") throw new DomainError("conflict", { reason: "The import has finished already." });
      const asked = mapping ?? getImportMapping(app.db, access, importId);
      requestImport(app.db, access, { importId, mapping: asked });
      return importAnswer(context, importId, 202);
    },
  }),
  endpoint({
    method: "post",
    path: "/snapshots",
    operationId: "createSnapshot",
    tag: "Snapshots",
    scope: "snapshot",
    summary: "Freeze the judgements of this moment",
    description: "The same judgements and rule give the same content hash on any machine.",
    query: null,
    body: s.newSnapshot,
    answer: { status: 201, schema: s.createdSnapshot, what: "The snapshot." },
    errors: [422],
    handle: (context, { body }) => createSnapshot(snapshotStore(context), context.access, body),
  }),
  endpoint({
    method: "get",
    path: "/snapshots",
    operationId: "listSnapshots",
    tag: "Snapshots",
    scope: "read",
    summary: "Snapshots, newest first",
    query: null,
    body: null,
    answer: { status: 200, schema: s.snapshotList, what: "All snapshots." },
    handle: ({ app, access }) => ({ snapshots: listSnapshots(app.db, access) }),
  }),
  endpoint({
    method: "get",
    path: "/snapshots/{snapshotId}",
    operationId: "getSnapshot",
    tag: "Snapshots",
    scope: "read",
    summary: "One snapshot, with the runs and models that came from it",
    query: null,
    body: null,
    answer: { status: 200, schema: s.snapshotDetail, what: "The snapshot." },
    errors: [404],
    handle: ({ app, access }, { params }) => getSnapshotUse(app.db, access, need(params, "snapshotId")),
  }),
  endpoint({
    method: "get",
    path: "/snapshots/{snapshotId}/diff",
    operationId: "diffSnapshots",
    tag: "Snapshots",
    scope: "read",
    summary: "What changed since another snapshot",
    description:
      "Counts of the pairs that were added, removed, turned round (`swapped`), judged more or less surely (`reweighed`) or went to the other split (`moved`), and a page of one kind.",
    query: z.object({
      from: z.string().min(1).describe("The id of the older snapshot."),
      kind: z.enum(diffKinds).default("added").describe("Which pairs to list."),
      offset: z.coerce.number().int().min(0).default(0),
      limit: limit(200, 50),
    }),
    body: null,
    answer: { status: 200, schema: s.snapshotDiff, what: "The differences." },
    errors: [404],
    handle(context, { params, query: { from, kind, offset, limit: most } }) {
      const asked = { fromId: from, toId: need(params, "snapshotId"), kind, offset, limit: most };
      return diffSnapshots(snapshotStore(context), context.access, asked);
    },
  }),
  endpoint({
    method: "get",
    path: "/snapshots/{snapshotId}/export",
    operationId: "exportSnapshot",
    tag: "Snapshots",
    scope: "export",
    summary: "Download a snapshot in a format of the field",
    description:
      "Refused before a byte is sent when a pair does not fit the format; docs/formats.md says what each holds.",
    query: exportRequestSchema,
    body: null,
    answer: {
      status: 200,
      types: ["application/x-ndjson", "text/csv", "application/vnd.apache.parquet", "application/zip"],
      what: "The file, or a zip of the folder.",
    },
    errors: [404],
    async handle(context, { params, query }) {
      const asked = { snapshotId: need(params, "snapshotId"), ...query };
      return fileResponse(await openExport(snapshotStore(context), context.access, asked));
    },
  }),
  endpoint({
    method: "post",
    path: "/runs",
    operationId: "createRun",
    tag: "Runs",
    scope: "runs",
    summary: "Start a training run from a preset",
    description: "It waits in line for the worker.",
    query: null,
    body: s.newRun,
    answer: { status: 201, schema: s.runDetail, what: "The run." },
    errors: [404, 422],
    handle({ app, access }, { body }) {
      const { runId } = createRun(app.db, access, body);
      const found = runView({ app, access }, runId);
      return Response.json(found, { status: 201, headers: { location: `/api/v1/runs/${runId}` } });
    },
  }),
  endpoint({
    method: "get",
    path: "/runs",
    operationId: "listRuns",
    tag: "Runs",
    scope: "read",
    summary: "Runs, newest first",
    query: null,
    body: null,
    answer: { status: 200, schema: s.runList, what: "All runs." },
    handle({ app, access }) {
      const { runs, workerOnline } = listRuns(app.db, access);
      return { runs: runs.map(runRow), workerOnline };
    },
  }),
  endpoint({
    method: "get",
    path: "/runs/{runId}",
    operationId: "getRun",
    tag: "Runs",
    scope: "read",
    summary: "How a run stands",
    query: null,
    body: null,
    answer: { status: 200, schema: s.runDetail, what: "The run." },
    errors: [404],
    handle: (context, { params }) => runView(context, need(params, "runId")),
  }),
  endpoint({
    method: "get",
    path: "/runs/{runId}/events",
    operationId: "listRunEvents",
    tag: "Runs",
    scope: "read",
    summary: "What a run has said so far",
    description:
      "Steps with their metrics, held-out figures, samples, checkpoints and log lines. Asked with `Accept: text/event-stream` it goes on as a stream until the run has ended; `Last-Event-ID` goes on where one broke off.",
    query: z.object({
      after: z.coerce.number().int().min(0).default(0).describe("Only events behind this number."),
      limit: limit(1_000, 500),
    }),
    body: null,
    answer: { status: 200, schema: s.runEvents, what: "Events, oldest first." },
    errors: [404],
    handle({ app, access, request }, { params, query: { after, limit: most } }) {
      const runId = need(params, "runId");
      const { state } = getRun(app.db, access, runId);
      if (request.headers.get("accept")?.includes("text/event-stream"))
        return runEventStream(app, access, { runId, after }, request);
      const events = pageOfEvents(app.db, access, { runId, after, limit: most });
      const ended = isFinal(state) && events.length < most;
      return { events, after: events.at(-1)?.seq ?? after, state, ended };
    },
  }),
  endpoint({
    method: "post",
    path: "/runs/{runId}/cancel",
    operationId: "cancelRun",
    tag: "Runs",
    scope: "runs",
    summary: "End a run without a model",
    query: null,
    body: null,
    answer: { status: 200, schema: s.runDetail, what: "The run; one that trains ends with its step." },
    errors: [404, 409],
    handle(context, { params }) {
      const { app, access } = context;
      cancelRun(app.db, access, need(params, "runId"), app.env.dataDir);
      return runView(context, need(params, "runId"));
    },
  }),
  endpoint({
    method: "get",
    path: "/models",
    operationId: "listModels",
    tag: "Models",
    scope: "read",
    summary: "The project's models, newest first",
    query: null,
    body: null,
    answer: { status: 200, schema: s.modelList, what: "All models." },
    handle: ({ app, access }) => ({ models: listModelRows(app.db, access) }),
  }),
];

function runView({ app, access }: Pick<ApiContext, "app" | "access">, runId: string) {
  const found = getRun(app.db, access, runId);
  return { ...runRow(found), config: found.config, workerOnline: found.workerOnline };
}

const side = ({ messages, sourceModel }: { messages: unknown; sourceModel: string | null }) => ({
  messages,
  model: sourceModel,
});
