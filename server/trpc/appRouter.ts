import { router } from "./init";
import { accountRouter } from "./routers/account.router";
import { annotateRouter } from "./routers/annotate.router";
import { datasetsRouter } from "./routers/datasets.router";
import { guidelinesRouter } from "./routers/guidelines.router";
import { importsRouter } from "./routers/imports.router";
import { invitesRouter } from "./routers/invites.router";
import { itemsRouter } from "./routers/items.router";
import { learnRouter } from "./routers/learn.router";
import { machineRouter } from "./routers/machine.router";
import { modelsRouter } from "./routers/models.router";
import { pairsRouter } from "./routers/pairs.router";
import { peopleRouter } from "./routers/people.router";
import { playgroundRouter } from "./routers/playground.router";
import { practiceRouter } from "./routers/practice.router";
import { projectsRouter } from "./routers/projects.router";
import { runsRouter } from "./routers/runs.router";
import { scoringsRouter } from "./routers/scorings.router";
import { sessionRouter } from "./routers/session.router";
import { tokensRouter } from "./routers/tokens.router";
import { webhooksRouter } from "./routers/webhooks.router";

export const appRouter = router({
  account: accountRouter,
  annotate: annotateRouter,
  datasets: datasetsRouter,
  guidelines: guidelinesRouter,
  imports: importsRouter,
  invites: invitesRouter,
  people: peopleRouter,
  items: itemsRouter,
  learn: learnRouter,
  machine: machineRouter,
  models: modelsRouter,
  pairs: pairsRouter,
  playground: playgroundRouter,
  practice: practiceRouter,
  projects: projectsRouter,
  runs: runsRouter,
  scorings: scoringsRouter,
  session: sessionRouter,
  tokens: tokensRouter,
  webhooks: webhooksRouter,
});
export type AppRouter = typeof appRouter;
