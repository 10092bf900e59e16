/** How many files a fuzz test tries: as many as `npm test` has time for, or TIEBREAK_FUZZ (`npm run test:fuzz`). */
export const fuzzed = (usual: number): number => Number(process.env.TIEBREAK_FUZZ ?? usual);
export const fuzzTimeout = 1_800_000;
