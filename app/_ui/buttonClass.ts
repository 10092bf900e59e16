import { cx } from "./cx";

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger";
export type ButtonSize = "sm" | "md";

const variants: Record<ButtonVariant, string> = {
  primary: "bg-accent text-on-accent border-transparent hover:bg-accent-strong",
  secondary: "bg-surface text-ink border-line-strong/60 hover:bg-sunken",
  ghost: "bg-transparent text-ink border-transparent hover:bg-sunken",
  danger: "bg-danger text-on-danger border-transparent hover:opacity-90",
};

/** How a button looks, for <button> and <a> alike. On touch screens it is at least 44 px high. */
export const buttonClass = (variant: ButtonVariant = "secondary", size: ButtonSize = "md"): string =>
  cx(
    "inline-flex shrink-0 items-center justify-center gap-2 rounded-md border font-medium whitespace-nowrap no-underline transition-colors select-none pointer-coarse:min-h-11 pointer-coarse:min-w-11",
    "disabled:opacity-50 disabled:pointer-events-none aria-disabled:opacity-50",
    size === "sm" ? "h-8 px-2.5 text-[13px]" : "h-9 px-3.5 text-sm",
    variants[variant],
  );
