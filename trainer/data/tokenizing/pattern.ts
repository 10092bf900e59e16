import { TrainerError } from "../../contracts/error";

/**
 * Translates a regular expression of Oniguruma's Ruby syntax, which tokenizer.json is written in, to JavaScript's (flag u).
 * They differ in what \s, \d, \w and . are, in ^ and $, in (?i:…), possessive quantifiers and atomic groups. Patterns that
 * can take exponential time (an unbounded repetition of an unbounded repetition) are refused.
 */
export function translatePattern(pattern: string): RegExp {
  if (pattern.length > longest) throw refused(pattern, `it is longer than ${longest} characters`);
  const source = new Translator(pattern).all();
  try {
    return new RegExp(source, "gu");
  } catch {
    throw refused(pattern, "it has no equivalent here");
  }
}

const longest = 4000;
const deepest = 20;

const refused = (pattern: string, why: string): TrainerError =>
  new TrainerError("bad_model", `tokenizer.json: the pattern ${pattern.slice(0, 200)} is not read: ${why}.`);

/** Classes by their letter, as parts of a character class. */
const classes: Readonly<Record<string, string>> = {
  s: "\\p{White_Space}",
  S: "\\P{White_Space}",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: "\\p{L}\\p{M}\\p{N}\\p{Pc}",
  h: "0-9a-fA-F",
};
const controls: Readonly<Record<string, string>> = {
  n: "\n",
  r: "\r",
  t: "\t",
  f: "\f",
  v: "\v",
  a: "\x07",
  e: "\x1b",
};
/** Outside a class: \W, and anchors. */
const outside: Readonly<Record<string, string>> = {
  W: "[^\\p{L}\\p{M}\\p{N}\\p{Pc}]",
  A: "(?<![^])",
  z: "(?![^])",
  b: "(?:(?<=[\\p{L}\\p{M}\\p{N}\\p{Pc}])(?![\\p{L}\\p{M}\\p{N}\\p{Pc}])|(?<![\\p{L}\\p{M}\\p{N}\\p{Pc}])(?=[\\p{L}\\p{M}\\p{N}\\p{Pc}]))",
};
const groups = ["(?:", "(?=", "(?!", "(?<=", "(?<!"] as const;

/** What else a letter is, whatever the case: s is also ſ, k the Kelvin sign (Unicode's simple case folding). */
const folds: Readonly<Record<string, string>> = { s: "ſ", k: "\u212a" };

const literal = (char: string): string => (/[\^$\\.*+?()[\]{}|/\-&]/.test(char) ? `\\${char}` : char);

interface Piece {
  readonly source: string;
  /** It can match without bound. */
  readonly unbounded: boolean;
}

class Translator {
  private at = 0;
  private ignoreCase = false;
  private depth = 0;
  private captures = 0;

  constructor(private readonly pattern: string) {}

  all(): string {
    const { source } = this.alternatives();
    if (this.at < this.pattern.length) throw this.bad("a bracket is closed that was not opened");
    return source;
  }

  private bad(why: string): TrainerError {
    return refused(this.pattern, why);
  }

  private peek(text: string): boolean {
    return this.pattern.startsWith(text, this.at);
  }

  private take(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += text.length;
    return true;
  }

  private next(): string {
    const code = this.pattern.codePointAt(this.at);
    if (code === undefined) throw this.bad("it ends too early");
    const char = String.fromCodePoint(code);
    this.at += char.length;
    return char;
  }

  private alternatives(): Piece {
    const pieces: string[] = [];
    let unbounded = false;
    while (this.at < this.pattern.length && !this.peek(")")) {
      if (this.take("|")) {
        pieces.push("|");
        continue;
      }
      const piece = this.quantified(this.atom());
      pieces.push(piece.source);
      unbounded ||= piece.unbounded;
    }
    return { source: pieces.join(""), unbounded };
  }

  private quantified(atom: Piece): Piece {
    const [written] = /^(?:[?*+]|\{\d*,?\d*\})/.exec(this.pattern.slice(this.at)) ?? [];
    if (!written || written === "{}" || written === "{,}") return atom;
    this.at += written.length;
    const endless = /^(?:[*+]|\{\d*,\})$/.test(written);
    if (endless && atom.unbounded) throw this.bad("a repetition without bound repeats another, which can take forever");
    const quantifier = written.replace("{,", "{0,");
    const unbounded = atom.unbounded || endless;
    if (this.take("?")) return { source: `${atom.source}${quantifier}?`, unbounded };
    const source = `${atom.source}${quantifier}`;
    if (written.length === 1 && this.take("+")) return { source: this.atomic(source), unbounded };
    return this.quantified({
      source: /^[?*+{]/.test(this.pattern.slice(this.at)) ? `(?:${source})` : source,
      unbounded,
    });
  }

  /** Matches without ever trying another way: a look-ahead is not entered again. */
  private atomic(source: string): string {
    this.captures += 1;
    return `(?:(?=(?<a${this.captures}>${source}))\\k<a${this.captures}>)`;
  }

  private atom(): Piece {
    if (this.take("(")) return this.group();
    if (this.take("[")) return { source: this.characterClass(), unbounded: false };
    if (this.take(".")) return { source: "[^\\n]", unbounded: false };
    if (this.take("^")) return { source: "(?<![^\\n])", unbounded: false };
    if (this.take("$")) return { source: "(?![^\\n])", unbounded: false };
    if (this.take("\\")) return { source: this.escape(), unbounded: false };
    return { source: this.character(this.next()), unbounded: false };
  }

  private character(char: string): string {
    const variants = this.variants(char);
    return variants.length === 1 ? literal(char) : `[${variants.map(literal).join("")}]`;
  }

  private variants(char: string): string[] {
    if (!this.ignoreCase) return [char];
    const lower = char.toLowerCase();
    return [...new Set([lower, lower.toUpperCase(), ...(folds[lower] ?? "")])].filter((c) => [...c].length === 1);
  }

  private group(): Piece {
    this.depth += 1;
    if (this.depth > deepest) throw this.bad("its brackets are nested too deeply");
    this.at -= 1;
    const outer = this.ignoreCase;
    let open: string = groups.find((start) => this.take(start)) ?? "";
    const atomic = !open && this.take("(?>");
    if (!open && !atomic) {
      if (this.take("(?i:")) this.ignoreCase = true;
      else if (this.take("(?i)")) {
        this.ignoreCase = true;
        this.depth -= 1;
        return { source: "", unbounded: false };
      } else if (this.peek("(?")) throw this.bad(`${this.pattern.slice(this.at, this.at + 4)} is not known`);
      else this.at += 1;
      open = "(?:";
    }
    const inner = this.alternatives();
    if (!this.take(")")) throw this.bad("a bracket is not closed");
    this.ignoreCase = outer;
    this.depth -= 1;
    const source = atomic ? this.atomic(inner.source) : `${open}${inner.source})`;
    return { source, unbounded: inner.unbounded };
  }

  private escape(): string {
    const property = this.property();
    if (property) return property;
    const char = this.next();
    if (classes[char]) return `[${classes[char]}]`;
    if (outside[char]) return outside[char];
    if (/[1-9kgGRXK]/.test(char)) throw this.bad(`\\${char} is not known`);
    return this.character(this.escapedCharacter(char));
  }

  /** The character that an escape stands for whose letter was read. */
  private escapedCharacter(letter: string): string {
    const hex = /^(?:u([0-9a-fA-F]{4})|x\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{1,2}))/.exec(
      this.pattern.slice(this.at - 1),
    );
    if (hex) {
      this.at += hex[0].length - 1;
      const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? "", 16);
      if (code > 0x10ffff) throw this.bad(`${hex[0]} is no character`);
      return String.fromCodePoint(code);
    }
    if (letter === "0") return "\0";
    return controls[letter] ?? letter;
  }

  /** \p{…} and \P{…}: categories as they are, scripts by their name. */
  private property(): string | null {
    const found = /^([pP])\{(\^?)([A-Za-z_&]+)\}/.exec(this.pattern.slice(this.at));
    if (!found) return null;
    this.at += found[0].length;
    const [, letter, not, name] = found;
    const kind = (letter === "P") !== (not === "^") ? "P" : "p";
    for (const property of [name, `Script=${name}`]) {
      try {
        new RegExp(`\\p{${property}}`, "u");
        return `\\${kind}{${property}}`;
      } catch {
        // The other spelling, or none.
      }
    }
    throw this.bad(`\\p{${name}} is not known`);
  }

  private characterClass(): string {
    const not = this.take("^") ? "^" : "";
    const parts: string[] = [];
    // A bracket that closes at once is meant as a character.
    if (this.take("]")) parts.push("\\]");
    while (!this.take("]")) {
      if (this.peek("[") || this.peek("&&")) throw this.bad("classes inside classes are not known");
      parts.push(this.classPart());
    }
    return `[${not}${parts.join("")}]`;
  }

  private classPart(): string {
    const [from, set] = this.classCharacter();
    if (set !== null) return set;
    if (!this.peek("-") || this.peek("-]")) return this.variants(from).map(literal).join("");
    this.at += 1;
    const [to, other] = this.classCharacter();
    if (other !== null) return `${this.variants(from).map(literal).join("")}\\-${other}`;
    const [first, last] = [from.codePointAt(0) as number, to.codePointAt(0) as number];
    const plain = `${literal(from)}-${literal(to)}`;
    if (!this.ignoreCase) return plain;
    if (last - first > 256) throw this.bad("so long a range has no equivalent where case is ignored");
    const each = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => String.fromCodePoint(first + i));
    return plain + each.flatMap((char) => this.variants(char).map(literal)).join("");
  }

  /** A character of a class, or a whole set. */
  private classCharacter(): [char: string, set: string | null] {
    if (!this.take("\\")) return [this.next(), null];
    const property = this.property();
    if (property) return ["", property];
    const char = this.next();
    if (classes[char]) return ["", classes[char]];
    if (/[WBAzZ]/.test(char)) throw this.bad(`\\${char} in a class is not known`);
    return [char === "b" ? "\b" : this.escapedCharacter(char), null];
  }
}
