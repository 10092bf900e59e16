import { needsCredentials } from "../../services/session.service";
import { publicProcedure, router } from "../init";

export const sessionRouter = router({
  me: publicProcedure.query(({ ctx: { app, user } }) => ({
    user: user && { ...user, needsCredentials: needsCredentials(app.db, user.id) },
  })),
});
