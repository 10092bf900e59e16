/** One file per namespace and language: messages/<locale>/<namespace>.json. */
export const namespaces = [
  "annotate",
  "auth",
  "common",
  "datasets",
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
