import { ExternalLink } from "lucide-react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { cx } from "./cx";

const plugins = [remarkGfm];

/** Images are never loaded: the address would tell its host who reads what. Their place is a link with their text. */
const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ),
  // `prose` keeps line breaks as they were written; the text after a hard break starts with one.
  br: () => null,
  // Code and tables scroll within themselves: those without a mouse must be able to go there.
  // biome-ignore-start lint/a11y/noNoninteractiveTabindex: see above
  pre: ({ children }) => <pre tabIndex={0}>{children}</pre>,
  table: ({ children }) => <table tabIndex={0}>{children}</table>,
  // biome-ignore-end lint/a11y/noNoninteractiveTabindex: see above
  img: ({ src, alt }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noopener noreferrer">
      {alt || String(src ?? "")} <ExternalLink aria-hidden className="inline size-3.5" />
    </a>
  ),
};

/** Markdown from people and models: HTML shows as text, no scripts, no loads from elsewhere. */
export function SafeMarkdown({ children, className }: { children: string; className?: string }) {
  return (
    <div className={cx("prose", className)}>
      <ReactMarkdown remarkPlugins={plugins} components={components}>
        {children}
      </ReactMarkdown>
    </div>
  );
}
