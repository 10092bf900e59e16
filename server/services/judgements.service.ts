import type { DbTx } from "@/db/client";
import { listJudgementPage } from "@/db/queries/judgements.queries";
import type { ExportVote } from "../domain/exports/formats";
import type { Access } from "./access";
import { readCursor, writeCursor } from "./cursor";
import { pseudonymOf, voteOf } from "./exports.source";

/** What somebody said of an item, under a pseudonym. */
export interface ListedJudgement extends Omit<ExportVote, "standing"> {
  readonly id: string;
  readonly itemId: string;
  /** The judgement that it replaces or takes back. */
  readonly supersedesId: string | null;
  /** Nobody took it back or replaced it, and it came in time. */
  readonly stands: boolean;
}

/** Everything that was said in a project, oldest first. Rows are only ever added, so a cursor goes on where it was. */
export function listJudgements(
  db: DbTx,
  { projectId }: Access<"admin">,
  request: { cursor: string | null; itemId: string | undefined; from: Date | undefined; limit: number },
): { judgements: ListedJudgement[]; nextCursor: string | null } {
  const { itemId, from, limit } = request;
  const after = request.cursor === null ? null : readCursor(request.cursor);
  const found = listJudgementPage(db, projectId, { after, itemId, from, limit: limit + 1 });
  const page = found.slice(0, limit);
  const judgements = page.map(({ row, supersededBy }): ListedJudgement => {
    const stands = row.action === "judge" && row.purpose === "vote" && !row.late && supersededBy === null;
    const { standing: _, ...vote } = voteOf(pseudonymOf(projectId, row.annotatorKey), row, stands);
    return { id: row.id, itemId: row.itemId, ...vote, supersedesId: row.supersedesId, stands };
  });
  const last = page.at(-1)?.row;
  return { judgements, nextCursor: found.length > limit && last ? writeCursor(last) : null };
}
