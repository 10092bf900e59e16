/** How far an import was, and since when it has been there. */
export interface Sighting {
  readonly rowsRead: number;
  readonly since: number;
}

/** The clock starts again whenever rows were read. */
export const sight = (before: Sighting | null, rowsRead: number, now: number): Sighting =>
  before && before.rowsRead === rowsRead ? before : { rowsRead, since: now };

/** A running import writes several chunks a second; one that stands this long was left behind by a crash. */
const stalledAfterMs = 15_000;
export const isStalled = (sighting: Sighting | null, now: number): boolean =>
  sighting !== null && now - sighting.since >= stalledAfterMs;
