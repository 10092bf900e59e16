import { rmSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { type Db, writeTx } from "@/db/client";
import { type AdditionRow, getAddition } from "@/db/queries/additions.queries";
import { finish, type Held, isHeld } from "@/db/queries/lease.queries";
import { freeName } from "@/db/queries/models.queries";
import { modelAddition } from "@/db/schema/additions";
import { model } from "@/db/schema/runs";
import type { AddedModel } from "@/trainer/contracts/addition";
import { isDiskFull } from "../domain/errors";
import { findModel } from "../domain/models/modelFiles";
import { additionFolder, listFiles } from "../services/additionFiles";
import { incomingFolder } from "../services/incoming";
import { measureModelFolder } from "../services/modelFolder";
import { UnpackProblem, unzipModel } from "../services/unzipModel";
import type { WorkerContext } from "./context";
import { DownloadError, downloadPlan } from "./hubDownload";
import type { OneShot, Preparing } from "./oneShotJob";
import type { ToCompute } from "./protocol";

const pathOf = (id: string): string => `models/${id}`;
/** How often the page is told how far it is. */
const toldEveryMs = 500;

class Refusal extends Error {}

const problems = {
  nothing:
    "No model is among these files. A Hugging Face folder has a config.json, a tokenizer.json and safetensors; a .gguf file is one by itself; a .bin of llama2.c comes with its tokenizer.bin.",
  several: "More than one model is among these files. Choose the files of one.",
  no_tokenizer: "A .bin of llama2.c needs its tokenizer beside it, a file called tokenizer.bin.",
} as const;

/** Tells the page how far a held addition is. */
function tell(db: Db, held: Held, values: Partial<Pick<AdditionRow, "stage" | "bytesDone" | "bytesTotal">>): void {
  db.update(modelAddition).set(values).where(isHeld(held)).run();
}

/** The files of an upload or a hub's repository come together in a folder of the addition's own. */
async function gather(context: WorkerContext, held: Held, row: AdditionRow, signal: AbortSignal): Promise<ToCompute> {
  const { db, dataDir, hub } = context;
  const folder = additionFolder(dataDir, held.id);
  if (row.plan) {
    const bytesTotal = row.plan.files.reduce((sum, { bytes }) => sum + bytes, 0);
    let toldAt = 0;
    const progress = (bytesDone: number) => {
      if (Date.now() < toldAt + toldEveryMs && bytesDone < bytesTotal) return;
      toldAt = Date.now();
      tell(db, held, { bytesDone, bytesTotal });
    };
    await downloadPlan(row.plan, folder, { hub, signal, progress });
  } else await unzipModel(folder, signal);
  const found = findModel(listFiles(folder));
  if ("problem" in found) throw new Refusal(problems[found.problem]);
  tell(db, held, { stage: "reading" });
  const tokenizer = found.tokenizer === null ? null : join(folder, found.tokenizer);
  return {
    type: "add",
    id: held.id,
    from: join(folder, found.path),
    tokenizer,
    folder: join(dataDir, pathOf(held.id)),
  };
}

function explain(error: unknown): string {
  if (error instanceof DownloadError || error instanceof Refusal || error instanceof UnpackProblem)
    return error.message;
  if (isDiskFull(error)) return "The server's disk is full. Free some space there and try again.";
  throw error;
}

/** A model from elsewhere becomes one of the registry's. */
export const additionWork: OneShot<AddedModel> = {
  work: "modelAddition",
  begin(context, id) {
    const row = getAddition(context.db, id);
    const { attempts, entry, source, stage } = row;
    const { dataDir } = context;
    if (source === "incoming") {
      const from = join(incomingFolder(dataDir), entry);
      return { attempts, message: { type: "add", id, from, tokenizer: null, folder: join(dataDir, pathOf(id)) } };
    }
    const preparing: Preparing = { prepare: (held, signal) => gather(context, held, row, signal), explain };
    // A worker that ended while files came in says nothing of the model.
    return { attempts: stage === "reading" ? attempts : 1, ...preparing };
  },
  crashed: "The process that reads models ended unexpectedly: the model may be too large for this machine's memory.",
  finish({ db, dataDir }, held, state, { result, error }) {
    const { id } = held;
    const size = result ? measureModelFolder(join(dataDir, pathOf(id))) : null;
    const files = additionFolder(dataDir, id);
    const ended = writeTx(db, (tx) => {
      if (!finish(tx, held, state, new Date())) return false;
      const { projectId, entry, source, plan } = getAddition(tx, id);
      if (result && size) {
        const { kind, ...found } = result;
        const name = freeName(tx, projectId, entry.replace(/\.(?:gguf|zip|bin)$/i, "").slice(0, 110));
        const origin = { entry, source, ...(plan && { commit: plan.commit }), ...found };
        const row = { id, projectId, kind, name, path: pathOf(id), origin, ...size };
        tx.insert(model).values(row).run();
      }
      tx.update(modelAddition)
        .set({ error, modelId: result && id })
        .where(eq(modelAddition.id, id))
        .run();
      return true;
    });
    if (!ended) rmSync(join(dataDir, pathOf(id)), { recursive: true, force: true });
    // What failed keeps its files: the next try goes on from there.
    else if (state !== "failed") rmSync(files, { recursive: true, force: true });
  },
};
