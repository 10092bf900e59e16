/** How much one batch of pairs may be: what fits into one call and is done within a day on a small machine. */
export const mostPrompts = 10_000;
export const mostPairsPerPrompt = 16;
