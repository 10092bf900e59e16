import type { Tokenizer } from "../data/tokenizer";

/** Where the first of the stop strings begins in `text`; −1 when none is there. */
function findStop(text: string, stops: readonly string[]): number {
  const found = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  return found.length > 0 ? Math.min(...found) : -1;
}

/** How many characters at the end of `text` may be the beginning of a stop string. */
function undecided(text: string, stops: readonly string[]): number {
  const longest = Math.min(text.length, Math.max(0, ...stops.map((s) => s.length - 1)));
  for (let n = longest; n > 0; n--) {
    const tail = text.slice(-n);
    if (stops.some((stop) => stop.length > n && stop.startsWith(tail))) return n;
  }
  return 0;
}

/**
 * Tokens in, text out: never half a character, never a part of a stop string. What may yet become one is held back until
 * it has or cannot; bytes that are no UTF-8 come out as U+FFFD.
 */
export class TextStream {
  private readonly decoder: ReturnType<Tokenizer["streamDecoder"]>;
  private held = "";
  /** A stop string has appeared: there is no more text. */
  stopped = false;

  constructor(
    tokenizer: Pick<Tokenizer, "streamDecoder">,
    private readonly stops: readonly string[],
  ) {
    this.decoder = tokenizer.streamDecoder();
  }

  push(id: number): string {
    return this.take(this.decoder.push(id));
  }

  /** What was held back. */
  end(): string {
    const text = this.take(this.decoder.end());
    const rest = this.held;
    this.held = "";
    return text + rest;
  }

  private take(text: string): string {
    if (this.stopped) return "";
    const whole = this.held + text;
    const at = findStop(whole, this.stops);
    if (at >= 0) {
      this.stopped = true;
      this.held = "";
      return whole.slice(0, at);
    }
    const decided = whole.length - undecided(whole, this.stops);
    this.held = whole.slice(decided);
    return whole.slice(0, decided);
  }
}
