import type { Db } from "@/db/client";
import type { Acknowledged } from "./crowd";

interface Row {
  readonly id: string;
  readonly submission_id: string;
  readonly annotator_id: string;
  readonly action: "judge" | "undo";
  readonly verdict: number | null;
  readonly left_slot: "a" | "b";
}

/** Items whose live leases and counted votes together exceed the overlap, recounted from the assignments. */
export const countOverfull = (db: Db, overlap: number): number =>
  db.$client
    .prepare(
      `SELECT count(*) FROM (SELECT item_id FROM assignment WHERE state IN ('leased', 'submitted')
        GROUP BY item_id HAVING count(*) > ?)`,
    )
    .pluck()
    .get(overlap) as number;

/**
 * What the database holds against what clients were told, once all has ended: every acknowledged vote and undo is one row
 * and says the same, there is no row besides, and every item has exactly its votes. One line a difference.
 */
export function findDifferences(db: Db, told: readonly Acknowledged[], overlap: number): string[] {
  const rows = db.$client.prepare("SELECT * FROM judgement").all() as Row[];
  const bySubmission = groupBy(rows);
  const wrong = told.flatMap((said) => {
    const [row, ...more] = bySubmission.get(said.submissionId) ?? [];
    if (!row) return [`${said.kind} ${said.submissionId} was acknowledged and is lost`];
    if (more.length > 0) return [`${said.kind} ${said.submissionId} is stored ${more.length + 1} times`];
    return differs(said, row) ? [`${said.kind} ${said.submissionId} is stored as ${JSON.stringify(row)}`] : [];
  });
  if (rows.length !== told.length) wrong.push(`${rows.length} judgements are stored, ${told.length} were acknowledged`);
  return [...wrong, ...miscounted(db, overlap), ...damaged(db)];
}

function groupBy(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(row.submission_id, [...(groups.get(row.submission_id) ?? []), row]);
  return groups;
}

function differs(said: Acknowledged, row: Row): boolean {
  if (row.annotator_id !== said.annotatorId) return true;
  if (said.kind === "undo") return row.action !== "undo";
  const verdict = said.verdict !== null && row.left_slot === "b" ? -said.verdict : said.verdict;
  // Not by identity: minus nought is nought.
  return row.action !== "judge" || row.id !== said.judgementId || !(row.verdict === verdict);
}

/** Items that are not complete, or whose counters do not say what their rows do. */
function miscounted(db: Db, overlap: number): string[] {
  const items = db.$client
    .prepare(
      `SELECT id, open_slots AS open, votes, (SELECT count(*) FROM judgement j WHERE j.item_id = item.id AND action = 'judge'
          AND late = 0 AND NOT EXISTS (SELECT 1 FROM judgement l WHERE l.supersedes_id = j.id)) AS counted,
        (SELECT count(DISTINCT annotator_id) FROM assignment WHERE item_id = item.id AND state = 'submitted') AS people
       FROM item`,
    )
    .all() as { id: string; open: number; votes: number; counted: number; people: number }[];
  return items
    .filter(({ open, votes, counted, people }) => open !== 0 || [votes, counted, people].some((n) => n !== overlap))
    .map((item) => `item ${item.id} should have ${overlap} votes of as many people: ${JSON.stringify(item)}`);
}

function damaged(db: Db): string[] {
  const check = db.$client.pragma("integrity_check", { simple: true }) as string;
  const keys = db.$client.pragma("foreign_key_check") as unknown[];
  return [...(check === "ok" ? [] : [check]), ...keys.map((key) => `foreign key ${JSON.stringify(key)}`)];
}
