import { examineMachine, getMachine } from "../../services/machine.service";
import { projectProcedure, router } from "../init";

const admin = projectProcedure("admin");

export const machineRouter = router({
  get: admin.query(({ ctx }) => getMachine(ctx.app.db, ctx.access)),
  examine: admin.mutation(({ ctx }) => {
    examineMachine(ctx.app.db, ctx.access);
    return { ok: true };
  }),
});
