export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

export const themeCookie = "tiebreak-theme";

/** The theme lives in a cookie, so the server writes it into <html> and no page flashes in the wrong one. */
export const readTheme = (cookie: string | undefined): Theme => themes.find((theme) => theme === cookie) ?? "system";
