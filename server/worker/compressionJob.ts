import { rmSync } from "node:fs";
import { join, relative } from "node:path";
import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { getCompression, recordCompression } from "@/db/queries/compressions.queries";
import {
  abandon,
  claimNext,
  type FinalState,
  finish,
  type Held,
  hasClaimable,
  release,
} from "@/db/queries/lease.queries";
import { findModelById, freeName } from "@/db/queries/models.queries";
import { modelCompression } from "@/db/schema/compressions";
import { snapshot } from "@/db/schema/datasets";
import { model } from "@/db/schema/runs";
import type { CompressionProgress, CompressionReport } from "@/trainer/contracts/compression";
import { measureModelFolder, starterPath } from "../services/modelFolder";
import { snapshotFolder } from "../services/snapshots.files";
import { newLease, type WorkerContext } from "./context";
import { HeldWork } from "./heldWork";
import { placeModels, removedModel } from "./placeModels";
import type { CompressTask, Failure } from "./protocol";

/** So often may the child end over it. */
const mostAttempts = 2;
const recordedEveryMs = 500;

const crashedInVain =
  "The process that computes ended unexpectedly, twice. Base and fine-tuned model are in memory together: the machine may be short of it.";

const pathOf = (id: string): string => `models/${id}`;

/** A model that becomes a delta, in this worker's hands. A child that takes it up again starts anew and makes the same. */
export class CompressionJob {
  private readonly work: HeldWork;
  private progress: CompressionProgress | null = null;
  private recordedAt = 0;
  readonly id: string;

  private constructor(
    private readonly context: WorkerContext,
    private readonly held: Held,
    now: Date,
  ) {
    this.work = new HeldWork(context, held, now);
    this.id = held.id;
  }

  /** Claims the next one and sends it to the child; null when there is none. */
  static claim(context: WorkerContext, now: Date): CompressionJob | null {
    if (!hasClaimable(context.db, "modelCompression", now)) return null;
    const held = writeTx(context.db, (tx) => claimNext(tx, "modelCompression", newLease(context, now), now));
    if (!held) return null;
    const job = new CompressionJob(context, held, now);
    const { attempts, cancelRequestedAt } = getCompression(context.db, held.id);
    const task = job.task();
    if (cancelRequestedAt) job.end("cancelled", null, null);
    else if (attempts > mostAttempts) job.end("failed", null, crashedInVain);
    else if (!task) job.end("failed", null, removedModel);
    else {
      context.send({ type: "compress", id: held.id, task });
      return job;
    }
    return null;
  }

  private task(): CompressTask | null {
    const { db, dataDir } = this.context;
    const { sourceModelId, baseModelId, snapshotId, settings } = getCompression(db, this.id);
    const placed = placeModels(this.context, [sourceModelId, baseModelId]);
    const data = db.select().from(snapshot).where(eq(snapshot.id, snapshotId)).get();
    const [source, base] = placed ?? [];
    if (!source || !base || !data) return null;
    const output = join(dataDir, pathOf(this.id));
    // The data folder may move, and base and delta with it; the starter stays where the product is.
    const inDataFolder = findModelById(db, baseModelId)?.path !== starterPath;
    return {
      model: source.folder,
      base: base.folder,
      baseName: inDataFolder ? relative(output, base.folder) : undefined,
      dataset: snapshotFolder(join(dataDir, "snapshots"), data.contentHash),
      output,
      settings,
    };
  }

  onProgress(progress: CompressionProgress): void {
    this.progress = progress;
  }

  /** What is due now. `lost` and `insist` mean that the child must be ended. */
  tick(now: Date): "lost" | "insist" | null {
    const { progress } = this;
    if (progress && now.getTime() >= this.recordedAt + recordedEveryMs) {
      writeTx(this.context.db, (tx) => recordCompression(tx, this.held, progress));
      this.progress = null;
      this.recordedAt = now.getTime();
    }
    if (this.work.renewIfDue(now) === "lost") return "lost";
    const cancel = this.work.checkCancel(now);
    if (cancel === "ask") this.context.send({ type: "hush", id: this.id });
    return cancel === "insist" ? "insist" : null;
  }

  /** The child is through with it. */
  ended(report: CompressionReport | null, failure: Failure | null): void {
    if (failure?.code === "cancelled") this.end("cancelled", null, null);
    else if (report) this.end("finished", report, null);
    else this.end("failed", null, failure?.message ?? crashedInVain);
  }

  /** The child ended unexpectedly: somebody starts anew. */
  crashed(): void {
    if (this.work.cancelled) this.end("cancelled", null, null);
    else abandon(this.context.db, this.held);
  }

  /** This worker stops; the next one starts anew. */
  release(): void {
    release(this.context.db, this.held);
  }

  /** Registry row and final state are one transaction; what nobody registered goes. */
  private end(state: FinalState, report: CompressionReport | null, error: string | null): void {
    const { db, dataDir } = this.context;
    const { id } = this;
    const folder = join(dataDir, pathOf(id));
    const bytes = report ? measureModelFolder(folder).bytes : 0;
    const ended = writeTx(db, (tx) => {
      if (!finish(tx, this.held, state, new Date())) return false;
      const { projectId, sourceModelId, totalSteps } = getCompression(tx, id);
      const source = findModelById(tx, sourceModelId);
      if (report && source) {
        const name = freeName(tx, projectId, `${source.name.slice(0, 108)}, BitDelta`);
        const { kind } = source;
        const { parameters } = report;
        tx.insert(model)
          .values({ id, projectId, kind, name, path: pathOf(id), baseModelId: sourceModelId, parameters, bytes })
          .run();
      }
      tx.update(modelCompression)
        .set({ error, report, ...(report && { modelId: id, step: totalSteps, etaSeconds: 0 }) })
        .where(eq(modelCompression.id, id))
        .run();
      return true;
    });
    if (!ended || !report) rmSync(folder, { recursive: true, force: true });
  }
}
