import { z } from "zod";
import { apiScopes, tokenDays } from "../../domain/api/scopes";
import { createToken, listTokens, revokeToken } from "../../services/tokens.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");

/** Keys with which programs use the project's API (server/api). */
export const tokensRouter = router({
  list: admin.query(({ ctx }) => ({ tokens: listTokens(ctx.app.db, ctx.access) })),
  create: admin
    .input(
      z.object({
        name: z.string().trim().min(1).max(100),
        scopes: z
          .array(z.enum(apiScopes))
          .min(1)
          .transform((scopes) => [...new Set(scopes)]),
        days: z.number().int().min(tokenDays.min).max(tokenDays.max),
      }),
    )
    .mutation(({ ctx, input }) => createToken(ctx.app.db, ctx.access, input)),
  revoke: admin.input(z.object({ tokenId: z.string().min(1) })).mutation(({ ctx, input }) => {
    revokeToken(ctx.app.db, ctx.access, input.tokenId);
    return { ok: true };
  }),
});
