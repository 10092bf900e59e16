import { rmSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { getAddition } from "@/db/queries/additions.queries";
import { finish } from "@/db/queries/lease.queries";
import { freeName } from "@/db/queries/models.queries";
import { modelAddition } from "@/db/schema/additions";
import { model } from "@/db/schema/runs";
import type { AddedModel } from "@/trainer/contracts/addition";
import { incomingFolder } from "../services/incoming";
import { measureModelFolder } from "../services/modelFolder";
import type { OneShot } from "./oneShotJob";

const pathOf = (id: string): string => `models/${id}`;

/** A model from elsewhere becomes one of the registry's. */
export const additionWork: OneShot<AddedModel> = {
  work: "modelAddition",
  begin({ db, dataDir }, id) {
    const { attempts, entry } = getAddition(db, id);
    const from = join(incomingFolder(dataDir), entry);
    return { attempts, message: { type: "add", id, from, folder: join(dataDir, pathOf(id)) } };
  },
  crashed: "The process that reads models ended unexpectedly: the model may be too large for this machine's memory.",
  finish({ db, dataDir }, held, state, { result, error }) {
    const { id } = held;
    const size = result ? measureModelFolder(join(dataDir, pathOf(id))) : null;
    const ended = writeTx(db, (tx) => {
      if (!finish(tx, held, state, new Date())) return false;
      const { projectId, entry } = getAddition(tx, id);
      if (result && size) {
        const { kind, ...origin } = result;
        const name = freeName(tx, projectId, entry.replace(/\.gguf$/i, "").slice(0, 110));
        const row = { id, projectId, kind, name, path: pathOf(id), origin: { entry, ...origin }, ...size };
        tx.insert(model).values(row).run();
      }
      tx.update(modelAddition)
        .set({ error, modelId: result && id })
        .where(eq(modelAddition.id, id))
        .run();
      return true;
    });
    if (!ended) rmSync(join(dataDir, pathOf(id)), { recursive: true, force: true });
  },
};
