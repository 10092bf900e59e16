import { DomainError } from "../domain/errors";

/** Where a page ended: the last row's time and id, by which the list is ordered. */
export interface Cursor {
  readonly createdAt: Date;
  readonly id: string;
}

export const writeCursor = ({ createdAt, id }: Cursor): string => `${createdAt.getTime()}:${id}`;

export function readCursor(cursor: string): Cursor {
  const match = /^(\d{1,15}):(.+)$/.exec(cursor);
  if (!match) throw new DomainError("invalid_input", { field: "cursor", problem: "is none that this list gave out" });
  return { createdAt: new Date(Number(match[1])), id: match[2] as string };
}
