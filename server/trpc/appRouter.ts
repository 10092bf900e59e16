import { router } from "./init";
import { annotateRouter } from "./routers/annotate.router";

export const appRouter = router({ annotate: annotateRouter });
export type AppRouter = typeof appRouter;
