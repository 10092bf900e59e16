import { router } from "./init";
import { annotateRouter } from "./routers/annotate.router";
import { modelsRouter } from "./routers/models.router";
import { playgroundRouter } from "./routers/playground.router";
import { runsRouter } from "./routers/runs.router";

export const appRouter = router({
  annotate: annotateRouter,
  models: modelsRouter,
  playground: playgroundRouter,
  runs: runsRouter,
});
export type AppRouter = typeof appRouter;
