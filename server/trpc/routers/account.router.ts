import { credentialsSchema } from "../../auth/credentials";
import { DomainError } from "../../domain/errors";
import { setCredentials } from "../../services/session.service";
import { router, userProcedure } from "../init";

export const accountRouter = router({
  setCredentials: userProcedure.input(credentialsSchema).mutation(async ({ ctx, input }) => {
    if (!ctx.sessionId) throw new DomainError("not_signed_in");
    await setCredentials(ctx.app.db, { userId: ctx.user.id, sessionId: ctx.sessionId }, input);
    return { ok: true };
  }),
});
