import { Square, SquareCheck } from "lucide-react";
import { useTranslations } from "next-intl";
import { memo, type ReactNode } from "react";
import Markdown, { type Components, type Options } from "react-markdown";
import rehypeHighlight from "rehype-highlight";
import rehypeKatex from "rehype-katex";
import remarkGfm from "remark-gfm";
import remarkMath from "remark-math";
import { cx } from "./cx";
import { GuardedLink } from "./GuardedLink";
import { settleTree } from "./markdownTree";
import { mathMarks } from "./mathMarks";

/** More than this is shown as it was written: to lay it out would stop the page for longer than anybody waits. */
const longestLaidOut = 200_000;

/** No command that loads, links or names (`trust`), no text of any size, no macro that never ends. */
const katex = { trust: false, strict: "ignore", maxSize: 20, maxExpand: 200, errorColor: "var(--danger)" } as const;

/** Images are never loaded: the address would tell its host who reads what. Their place is a link with their text. */
const components: Components = {
  a: ({ href, children }) => <GuardedLink href={href}>{children}</GuardedLink>,
  // `prose` keeps line breaks as they were written; the text after a hard break starts with one.
  br: () => null,
  // Code and tables scroll within themselves: those without a mouse must be able to go there.
  // biome-ignore-start lint/a11y/noNoninteractiveTabindex: see above
  pre: ({ children }) => (
    <pre dir="ltr" tabIndex={0}>
      {children}
    </pre>
  ),
  table: ({ children, dir }) => (
    <table dir={dir} tabIndex={0}>
      {children}
    </table>
  ),
  // biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above
  img: ({ src, alt }) => (
    <GuardedLink href={typeof src === "string" ? src : undefined} picture>
      {alt || String(src ?? "")}
    </GuardedLink>
  ),
  // The only one that Markdown makes is a ticked or open box of a list.
  input: ({ checked }) => {
    const Box = checked ? SquareCheck : Square;
    return <Box role="img" aria-label={checked ? "☑" : "☐"} className="inline size-4 align-[-3px]" />;
  },
};

const options: Options = {
  remarkPlugins: [remarkGfm, remarkMath],
  rehypePlugins: [settleTree, [rehypeKatex, katex], rehypeHighlight],
  components,
};

/** Laid out, or null for text that is nested too deep to be. */
function layOut(text: string): ReactNode {
  if (text.length > longestLaidOut) return null;
  try {
    // Markdown is a plain function of its options: what it throws at odd text is caught here, not by the whole page.
    return Markdown({ ...options, children: mathMarks(text) });
  } catch {
    return null;
  }
}

/** Markdown from people and models: HTML shows as text, no scripts, no loads from elsewhere, links that ask first. */
export const SafeMarkdown = memo(function SafeMarkdown({
  children,
  className,
}: {
  children: string;
  className?: string;
}) {
  const t = useTranslations("common");
  if (children.trim() === "") return <p className="text-muted italic">{t("emptyText")}</p>;
  return (
    <div className={cx("prose", className)}>
      {layOut(children) ?? (
        <p dir="auto" className="whitespace-pre-wrap!">
          {children}
        </p>
      )}
    </div>
  );
});
