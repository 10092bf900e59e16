import { z } from "zod";
import { getLesson, walkPair } from "../../services/learn.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const id = z.string().min(1);

/** One pair of the project, taken through the objectives. */
export const learnRouter = router({
  lesson: admin
    .input(z.object({ itemId: id.nullable() }))
    .query(({ ctx, input }) => getLesson(ctx.app.db, ctx.access, input.itemId)),
  walk: admin
    .input(z.object({ itemId: id, policyId: id, referenceId: id, rewardModelId: id.nullable() }))
    .mutation(({ ctx, input }) => walkPair(ctx.app.db, ctx.access, input)),
});
