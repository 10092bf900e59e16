import { eq } from "drizzle-orm";
import { writeTx } from "@/db/client";
import { finishScoring, type ScoringRow } from "@/db/queries/scorings.queries";
import { scoring } from "@/db/schema/inference";
import type { ScoredAnswer } from "@/trainer/contracts/inference";
import type { OneShot } from "./oneShotJob";
import { placeModels, removedModel } from "./placeModels";

/** What models say of answers. */
export const scoringWork: OneShot<ScoredAnswer[]> = {
  work: "scoring",
  begin(context, id) {
    const row = context.db.select().from(scoring).where(eq(scoring.id, id)).get() as ScoringRow;
    const { attempts, request, modelIds, rewardModelId } = row;
    const models = placeModels(context, modelIds);
    const judges = placeModels(context, rewardModelId === null ? [] : [rewardModelId]);
    if (!models || !judges) return { attempts, refusal: removedModel };
    return { attempts, message: { type: "score", id, task: { ...request, models, judge: judges[0] ?? null } } };
  },
  crashed:
    "The process that computes ended unexpectedly. The machine may be short of memory: try again, or try fewer models.",
  finish: ({ db }, held, state, told) => writeTx(db, (tx) => finishScoring(tx, held, state, told, new Date())),
};
