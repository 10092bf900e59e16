import { z } from "zod";
import { projectRoles } from "../../domain/roles";
import { erasePerson, getErasure } from "../../services/erasure.service";
import { createResetLink, listPeople, removePerson, restorePerson, setRole } from "../../services/people.service";
import { linkUrl } from "../../services/signInLinks.service";
import { projectProcedure, router } from "../init";

const [admin, owner] = [projectProcedure("admin"), projectProcedure("owner")];
const person = z.object({ userId: z.string().min(1) });

/** Who belongs to a project. What it knows of one of them is a plain route: app/api/people. */
export const peopleRouter = router({
  list: admin.query(({ ctx }) => ({ people: listPeople(ctx.app.db, ctx.access) })),
  setRole: owner.input(person.extend({ role: z.enum(projectRoles) })).mutation(({ ctx, input }) => {
    setRole(ctx.app.db, ctx.access, input.userId, input.role);
    return { ok: true };
  }),
  remove: admin.input(person).mutation(({ ctx, input }) => {
    removePerson(ctx.app.db, ctx.access, input.userId);
    return { ok: true };
  }),
  restore: admin.input(person).mutation(({ ctx, input }) => {
    restorePerson(ctx.app.db, ctx.access, input.userId);
    return { ok: true };
  }),
  erasure: owner
    .input(person)
    .query(({ ctx: { app, access }, input }) =>
      getErasure({ db: app.db, snapshotsDir: app.env.snapshotsDir }, access, input.userId),
    ),
  erase: owner.input(person.extend({ mode: z.enum(["anonymise", "remove"]) })).mutation(({ ctx, input }) => {
    erasePerson(ctx.app.db, ctx.access, input);
    return { ok: true };
  }),
  createResetLink: owner.input(person).mutation(({ ctx, input }) => {
    const { token, expiresAt } = createResetLink(ctx.app.db, ctx.access, input.userId);
    return { url: linkUrl(ctx.app.env.publicUrl, token), expiresAt };
  }),
});
