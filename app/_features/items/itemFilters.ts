/** The filters of the items table as they stand in the address, so that a view can be kept and sent to somebody. */
export const itemStates = ["all", "open", "complete", "disputed", "reported", "retired"] as const;
export type ItemState = (typeof itemStates)[number];

export interface ItemFilters {
  readonly state: ItemState;
  readonly search: string;
}

const isState = (value: string | null): value is ItemState => itemStates.some((state) => state === value);

export function readFilters(params: Pick<URLSearchParams, "get">): ItemFilters {
  const state = params.get("state");
  return { state: isState(state) ? state : "all", search: (params.get("q") ?? "").trim() };
}

/** What goes behind the page's path: empty when nothing is filtered. */
export function filtersQuery({ state, search }: ItemFilters): string {
  const params = new URLSearchParams();
  if (state !== "all") params.set("state", state);
  if (search.trim() !== "") params.set("q", search.trim());
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
