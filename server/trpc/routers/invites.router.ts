import { z } from "zod";
import { acceptInvite, createInvite, listInvites, previewInvite, revokeInvite } from "../../services/invites.service";
import { projectProcedure, publicProcedure, router, userProcedure } from "../init";

const admin = projectProcedure("admin");
const tokenInput = z.object({ token: z.string().min(1).max(200) });

export const invitesRouter = router({
  list: admin.query(({ ctx }) => ({ invites: listInvites(ctx.app.db, ctx.access) })),
  create: admin
    .input(
      z.object({
        role: z.enum(["annotator", "admin"]),
        label: z.string().trim().max(100).default(""),
        maxUses: z.number().int().min(1).max(10_000).nullable().default(null),
        expiresInDays: z.number().int().min(1).max(365).nullable().default(14),
      }),
    )
    .mutation(({ ctx, input }) => {
      const { id, token } = createInvite(ctx.app.db, ctx.access, input);
      return { id, url: `${ctx.app.env.publicUrl}/join/${token}` };
    }),
  revoke: admin.input(z.object({ inviteId: z.string().min(1) })).mutation(({ ctx, input }) => {
    revokeInvite(ctx.app.db, ctx.access, input.inviteId);
    return { ok: true };
  }),
  preview: publicProcedure
    .input(tokenInput)
    .query(({ ctx, input }) => previewInvite(ctx.app.db, input.token, ctx.user?.id ?? null)),
  accept: userProcedure
    .input(tokenInput)
    .mutation(({ ctx, input }) => acceptInvite(ctx.app.db, input.token, ctx.user.id)),
});
