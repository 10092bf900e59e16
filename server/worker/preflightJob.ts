import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { finishPreflight, type PreflightRow } from "@/db/queries/preflights.queries";
import { preflight } from "@/db/schema/runs";
import type { Preflight } from "@/trainer/contracts/preflight";
import type { OneShot } from "./oneShotJob";
import { cacheFolder, placedConfig } from "./placedConfig";

/** A look ahead at what a run would do. */
export const preflightWork: OneShot<Preflight> = {
  work: "preflight",
  begin(context, id) {
    const { attempts, config } = context.db.select().from(preflight).where(eq(preflight.id, id)).get() as PreflightRow;
    return {
      attempts,
      message: { type: "look", id, config: placedConfig(config, context), cacheFolder: cacheFolder(context) },
    };
  },
  crashed:
    "The process that looked ahead ended unexpectedly. The machine may be short of memory: try a smaller batch size or maximum length.",
  finish: ({ db }, held, state, told) => writeTx(db, (tx) => finishPreflight(tx, held, state, told, new Date())),
};
