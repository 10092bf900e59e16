/** What menus share. */
export const menuPopupClass =
  "max-h-(--available-height) min-w-56 max-w-[min(22rem,calc(100vw-16px))] overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-md outline-none";
export const menuItemClass =
  "flex min-h-8 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-ink no-underline outline-none select-none data-highlighted:bg-accent-soft data-disabled:opacity-50 pointer-coarse:min-h-11";
export const menuLabelClass = "px-2 pt-2 pb-1 text-[12px] font-medium text-muted";
