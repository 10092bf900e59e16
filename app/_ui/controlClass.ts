/** What text fields and selects share. 16 px on touch screens, where a smaller one makes the browser zoom in. */
export const controlClass =
  "w-full min-w-0 rounded-md border border-line-strong/70 bg-surface px-3 text-sm text-ink transition-colors hover:border-line-strong disabled:opacity-60 data-invalid:border-danger pointer-coarse:text-base";
