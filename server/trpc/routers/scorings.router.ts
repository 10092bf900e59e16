import { z } from "zod";
import { getScoring } from "../../services/scorings.service";
import { projectProcedure, router } from "../init";

/** What models said of answers that somebody asked about. */
export const scoringsRouter = router({
  get: projectProcedure("admin")
    .input(z.object({ scoringId: z.string().min(1) }))
    .query(({ ctx, input }) => getScoring(ctx.app.db, ctx.access, input.scoringId)),
});
