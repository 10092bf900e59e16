import type { AddedToken } from "./schema";

/** Text between added tokens, or one of them. */
export type Part = { readonly text: string } | { readonly id: number };

const word = /[\p{L}\p{M}\p{N}\p{Pc}]/u;
const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** Finds added tokens in a text: the leftmost, of those that begin there the longest, with the spaces they take along. */
export class AddedTokens {
  private readonly tokens: ReadonlyMap<string, AddedToken>;
  private readonly pattern: RegExp | null;

  constructor(tokens: readonly AddedToken[]) {
    this.tokens = new Map(tokens.map((token) => [token.content, token]));
    const longestFirst = [...this.tokens.keys()].sort((a, b) => b.length - a.length);
    this.pattern = longestFirst.length > 0 ? new RegExp(longestFirst.map(escaped).join("|"), "gu") : null;
  }

  split(text: string): Part[] {
    if (!this.pattern) return [{ text }];
    const parts: Part[] = [];
    let end = 0;
    for (const { 0: content, index } of text.matchAll(this.pattern)) {
      const token = this.tokens.get(content) as AddedToken;
      let [from, to] = [index, index + content.length];
      if (from < end || (token.single_word && touchesWord(text, from, to))) continue;
      while (token.lstrip && from > end && isSpace(text[from - 1])) from -= 1;
      while (token.rstrip && isSpace(text[to])) to += 1;
      if (from > end) parts.push({ text: text.slice(end, from) });
      parts.push({ id: token.id });
      end = to;
    }
    if (end < text.length) parts.push({ text: text.slice(end) });
    return parts;
  }
}

const isSpace = (char: string | undefined): boolean => char !== undefined && /\p{White_Space}/u.test(char);

const touchesWord = (text: string, from: number, to: number): boolean =>
  (from > 0 && word.test([...text.slice(Math.max(0, from - 2), from)].at(-1) ?? "")) ||
  word.test(String.fromCodePoint(text.codePointAt(to) ?? 32));
