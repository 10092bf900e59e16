/** What a project's token may do. */
export const apiScopes = ["read", "import", "snapshot", "export", "runs"] as const;
export type ApiScope = (typeof apiScopes)[number];

/** How long a token may live, in days. */
export const tokenDays = { min: 1, max: 366 } as const;

/** What every token begins with: scanners for leaked secrets find it by that. */
export const tokenPrefix = "tbk_";
