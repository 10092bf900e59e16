/** Code, which keeps its dollars and brackets: a fence to its end or the text's, or a span within a paragraph. */
const code = /(?:^|\n)[ \t]*(`{3,}|~{3,})[\s\S]*?(?:\n[ \t]*\1|$)|(`+)(?!`)[\s\S]{1,2000}?[^`]\2(?!`)/g;

/**
 * In turn: `\[…\]`, `\(…\)`, an escaped character, `$$…$$`, `$…$` where it can be meant as mathematics, any other dollar.
 * Bodies have a longest length, so that text without an end costs no more than its own length times that.
 */
const marks =
  /\\\[([\s\S]{1,2000}?)\\\]|\\\(([\s\S]{1,1000}?)\\\)|\\[\s\S]|\$\$([^$]{1,2000}?)\$\$|\$(?![\s$])(?:\\[\s\S]|(?!\n\s*\n)[^$\\]){0,999}?(?:\\[\s\S]|[^\s$\\])\$(?!\d)|\$/g;

function markMath(text: string): string {
  return text.replace(marks, (found, bracketed?: string, inline?: string, dollars?: string, at = 0) => {
    const block = bracketed ?? dollars;
    if (block !== undefined) return displayed(text, block, at, at + found.length);
    if (inline !== undefined) return inline.includes("$") ? found : `$${inline.trim()}$`;
    return found === "$" ? "\\$" : found;
  });
}

/** Alone on its lines it becomes a block, at the indentation it has; within a sentence it stays there. */
function displayed(text: string, body: string, from: number, to: number): string {
  if (body.includes("$")) return text.slice(from, to);
  const indent = /(?:^|\n)([ \t]*)$/.exec(text.slice(0, from))?.[1];
  const alone = indent !== undefined && /^[ \t]*(?:\n|$)/.test(text.slice(to));
  if (!alone) return `$$${body.replaceAll("\n", " ").trim()}$$`;
  const lines = body.trim().split("\n");
  return ["$$", ...lines.map((line) => line.trim()), "$$"].join(`\n${indent}`);
}

/**
 * Rewrites what people and models write as mathematics into the dollars that the parser knows. A single dollar counts by
 * Pandoc's rule (no space inside either dollar, no digit behind the second), so that prices stay prices. Code is left alone.
 */
export function mathMarks(markdown: string): string {
  if (!markdown.includes("$") && !markdown.includes("\\[") && !markdown.includes("\\(")) return markdown;
  let done = "";
  let at = 0;
  for (const found of markdown.matchAll(code)) {
    done += markMath(markdown.slice(at, found.index)) + found[0];
    at = found.index + found[0].length;
  }
  return done + markMath(markdown.slice(at));
}
