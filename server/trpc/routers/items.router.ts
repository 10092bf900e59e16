import { z } from "zod";
import { settleProblem } from "../../services/flags.service";
import { getItem, listItems, restoreItem, retireItem } from "../../services/items.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");
const itemId = z.object({ itemId: z.string().min(1) });

/** The pairs of a project and what was said of them. */
export const itemsRouter = router({
  list: admin
    .input(
      z.object({
        cursor: z.string().max(200).nullish(),
        state: z.enum(["all", "open", "complete", "disputed", "reported", "retired"]).default("all"),
        search: z.string().max(500).default(""),
        limit: z.number().int().min(1).max(100).default(50),
      }),
    )
    .query(({ ctx, input }) => listItems(ctx.app.db, ctx.access, { ...input, cursor: input.cursor ?? null })),
  get: admin.input(itemId).query(({ ctx, input }) => getItem(ctx.app.db, ctx.access, input.itemId)),
  retire: admin.input(itemId).mutation(({ ctx, input }) => {
    retireItem(ctx.app.db, ctx.access, input.itemId);
    return { ok: true };
  }),
  settleFlag: admin.input(z.object({ flagId: z.string().min(1) })).mutation(({ ctx, input }) => {
    settleProblem(ctx.app.db, ctx.access, input.flagId);
    return { ok: true };
  }),
  restore: admin.input(itemId).mutation(({ ctx, input }) => {
    restoreItem(ctx.app.db, ctx.access, input.itemId);
    return { ok: true };
  }),
});
