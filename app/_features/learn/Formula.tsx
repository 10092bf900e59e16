import { cx } from "@/app/_ui/cx";

interface Props {
  markup: string;
  /** Names a formula on a line of its own, which scrolls where it does not fit. */
  label?: string;
  className?: string;
}

// The region around it scrolls, which a keyboard can reach, not the formula itself as where people read (reading.css).
const region = "overflow-x-auto overflow-y-hidden py-1 [&_.katex-display]:overflow-visible!";

/** A formula that the server rendered, with MathML for screen readers. */
export function Formula({ markup, label, className }: Props) {
  // biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX's output for the constants in formulas.ts
  const formula = <span className={className} dangerouslySetInnerHTML={{ __html: markup }} />;
  if (label === undefined) return formula;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section aria-label={label} tabIndex={0} className={cx(region, className)}>
      {formula}
    </section>
  );
}
