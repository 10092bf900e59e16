/** One file per namespace and language: messages/<locale>/<namespace>.json. */
export const namespaces = [
  "annotate",
  "auth",
  "common",
  "datasets",
  "demo",
  "errors",
  "imports",
  "items",
  "models",
  "overview",
  "people",
  "playground",
  "projects",
  "runs",
  "settings",
  "shell",
] as const;
