export interface Scrolled {
  readonly scrollTop: number;
  readonly clientHeight: number;
  readonly scrollHeight: number;
}

/** Rounding of zoomed pages, and the last line's own margin. */
const slackPx = 12;

/** The end of an answer was in view, or all of it fits. What is not laid out (hidden, the other page of a phone) is not seen. */
export const endInView = ({ scrollTop, clientHeight, scrollHeight }: Scrolled): boolean =>
  clientHeight > 0 && scrollTop + clientHeight >= scrollHeight - slackPx;

/** Where the other answer scrolls to when both are linked: as far through, so that both begin and end together. */
export function linkedTop(from: Scrolled, to: Omit<Scrolled, "scrollTop">): number {
  const way = from.scrollHeight - from.clientHeight;
  const share = way <= 0 ? 0 : Math.min(1, Math.max(0, from.scrollTop / way));
  return Math.round(share * Math.max(0, to.scrollHeight - to.clientHeight));
}

/** How far a key scrolls both answers when the focus is on neither, or null. */
export function scrollStep(key: string, shift: boolean, pageHeight: number): number | null {
  const page = Math.max(40, pageHeight * 0.85);
  if (key === "ArrowDown") return 60;
  if (key === "ArrowUp") return -60;
  if (key === "PageDown" || (key === " " && !shift)) return page;
  if (key === "PageUp" || (key === " " && shift)) return -page;
  if (key === "Home") return -1e7;
  return key === "End" ? 1e7 : null;
}
