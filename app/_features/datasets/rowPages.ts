export const rowsPerPage = 20;

export interface RowPage {
  readonly page: number;
  readonly pages: number;
  readonly offset: number;
  /** 1-based and inclusive, for "21 to 40 of 312"; both 0 when there is nothing. */
  readonly first: number;
  readonly last: number;
}

/** The page somebody asked for, held within those that exist. */
export function rowPage(asked: number, total: number): RowPage {
  const pages = Math.max(1, Math.ceil(total / rowsPerPage));
  const page = Number.isFinite(asked) ? Math.min(pages, Math.max(1, Math.floor(asked))) : 1;
  const offset = (page - 1) * rowsPerPage;
  return { page, pages, offset, first: total === 0 ? 0 : offset + 1, last: Math.min(total, offset + rowsPerPage) };
}
