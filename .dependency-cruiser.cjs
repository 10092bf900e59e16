/** Who may import whom. Each rule carries its reason; tests/unit/architecture.test.ts plants a violation and sees it caught. */
const web = "^(app|proxy\\.ts|i18n)(/|$)";

module.exports = {
  forbidden: [
    {
      name: "no-circular",
      comment: "A cycle has no first file to read.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "not-to-unresolvable",
      comment: "A typo or a missing dependency.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "domain-is-a-leaf",
      comment: "server/domain is pure: zod, the trainer's contracts, and Node's hashes.",
      severity: "error",
      from: { path: "^server/domain" },
      to: { pathNot: "^(server/domain|trainer/contracts|node_modules/zod|(node:)?crypto$)" },
    },
    {
      name: "contracts-are-a-leaf",
      comment: "trainer/contracts is what web, worker and trainer agree on: zod only.",
      severity: "error",
      from: { path: "^trainer/contracts" },
      to: { pathNot: "^(trainer/contracts|node_modules/zod)" },
    },
    {
      name: "db-knows-only-the-leaves",
      comment: "db imports the two leaves, drizzle, better-sqlite3 and Node.",
      severity: "error",
      from: { path: "^db" },
      to: { path: "^(app|server/(?!domain)|trainer/(?!contracts)|tests)" },
    },
    {
      name: "trainer-knows-nothing-of-the-web",
      comment: "The trainer is a workspace of its own, packed without the rest.",
      severity: "error",
      from: { path: "^trainer" },
      to: { path: "^(app|server|db|tests|node_modules/(next|react|drizzle-orm|better-sqlite3|@trpc)/)" },
    },
    {
      name: "only-the-worker-joins-trainer-and-db",
      comment: "tfjs never loads inside the web process.",
      severity: "error",
      from: { path: "^(app|server|db)", pathNot: "^server/worker" },
      to: { path: "^trainer/(?!contracts)" },
    },
    {
      name: "no-tfjs-outside-the-trainer",
      comment: "tfjs and onnxruntime belong to the trainer.",
      severity: "error",
      from: { path: "^(app|server|db)" },
      to: { path: "node_modules/(@tensorflow|onnxruntime)" },
    },
    {
      name: "services-know-no-trpc",
      comment: "Services throw DomainError; only the formatter knows TRPCError.",
      severity: "error",
      from: { path: "^server/services" },
      to: { path: "(^server/trpc|node_modules/@trpc)" },
    },
    {
      name: "pages-touch-server-code-by-type-only",
      comment: "Only app/api and app/_trpc/server.tsx run server code; pages take domain, contracts and types.",
      severity: "error",
      from: { path: web, pathNot: "^app/(api/|_trpc/server\\.tsx)" },
      to: { path: "^(server/(?!domain)|db|trainer/(?!contracts))", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "product-not-to-tests",
      comment: "Tests import the product, never the other way.",
      severity: "error",
      from: { path: "^(app|server|db|trainer)" },
      to: { path: "^tests" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules/\\.cache|\\.next|dist|vendor)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".js", ".mjs", ".cjs", ".d.ts"],
    },
  },
};
