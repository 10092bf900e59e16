/** So many runs can be told apart on one chart. */
export const mostCompared = 4;

/** The runs that an address names, `?runs=a,b`: each once, no more than can be compared. */
export function readChoice(param: string | readonly string[] | undefined): readonly string[] {
  const text = typeof param === "string" ? param : (param?.join() ?? "");
  return [...new Set(text.split(",").filter(Boolean))].slice(0, mostCompared);
}

export const compareHref = (projectId: string, runIds: readonly string[]): string =>
  `/projects/${projectId}/runs/compare?runs=${runIds.map(encodeURIComponent).join(",")}`;

/** What a run is called beside others: A, B, … */
export const letterOf = (index: number): string => String.fromCharCode("A".charCodeAt(0) + index);
