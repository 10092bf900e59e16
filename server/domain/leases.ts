/** Pairs that one person can ask for at once: what an hour without a network takes. */
export const mostWanted = 20;
/** Pairs that one page can hold, renew and give back: those it asked for and those that undo brought back. */
export const mostLeases = 40;
