import { router } from "./init";
import { annotateRouter } from "./routers/annotate.router";
import { datasetsRouter } from "./routers/datasets.router";
import { importsRouter } from "./routers/imports.router";
import { itemsRouter } from "./routers/items.router";
import { modelsRouter } from "./routers/models.router";
import { playgroundRouter } from "./routers/playground.router";
import { runsRouter } from "./routers/runs.router";

export const appRouter = router({
  annotate: annotateRouter,
  datasets: datasetsRouter,
  imports: importsRouter,
  items: itemsRouter,
  models: modelsRouter,
  playground: playgroundRouter,
  runs: runsRouter,
});
export type AppRouter = typeof appRouter;
