import { randomBytes } from "node:crypto";
import { basename, sep } from "node:path";
import type { Db } from "@/db/client";
import type { Log } from "../log";
import type { Hub } from "../services/hub";
import type { ToCompute } from "./protocol";

/** What the jobs of one worker share. */
export interface WorkerContext {
  readonly db: Db;
  readonly dataDir: string;
  /** Folder of the model that ships with the product. */
  readonly starterDir: string;
  /** A lease runs this long and is renewed three times in it. */
  readonly leaseMs: number;
  /** Where models are fetched from. */
  readonly hub: Hub;
  readonly log: Log;
  /** Runs whose child crashed by itself since their last checkpoint, and how often. */
  readonly crashes: Map<string, number>;
  send(message: ToCompute): void;
}

/** Said to people in a browser: of a path on the server they are told the part inside the data folder. */
export const withoutPlaces = (
  { dataDir, starterDir }: Pick<WorkerContext, "dataDir" | "starterDir">,
  text: string,
): string => text.replaceAll(`${dataDir}${sep}`, "").replaceAll(starterDir, basename(starterDir));

export const newLease = ({ leaseMs }: WorkerContext, now: Date) => ({
  token: randomBytes(16).toString("base64url"),
  expiresAt: new Date(now.getTime() + leaseMs),
});
