import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Tokenizer } from "@/trainer/data/tokenizer";
import { trainTokenizer } from "@/trainer/data/trainTokenizer";
import { TextStream } from "@/trainer/generation/textStream";

const tokenizer = new Tokenizer(trainTokenizer(["the cat sat on the mat. the dog ran"], 270, "<|endoftext|>"));

function stream(ids: readonly number[], stops: readonly string[] = []) {
  const text = new TextStream(tokenizer, stops);
  const pieces: string[] = [];
  for (const id of ids) {
    if (text.stopped) break;
    pieces.push(text.push(id));
  }
  pieces.push(text.end());
  return { pieces, text: pieces.join(""), stopped: text.stopped };
}

const anyText = fc.string({ unit: "binary", maxLength: 40 });
/** Byte tokens are the first 256 pieces of a byte-level vocabulary. */
const anyIds = fc.array(fc.nat(tokenizer.size - 2), { maxLength: 60 });

describe("streamed text", () => {
  test("of any text's tokens is the text, in pieces that are whole characters", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { pieces, text: streamed } = stream(tokenizer.encode(text));
        expect(streamed).toBe(Buffer.from(text, "utf8").toString("utf8"));
        for (const piece of pieces) {
          if (!text.includes("\ufffd")) expect(piece).not.toContain("\ufffd");
          expect(piece).toBe(Buffer.from(piece, "utf8").toString("utf8"));
        }
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  test("of any tokens at all is their bytes decoded at once: invalid UTF-8 becomes U+FFFD, nothing is lost", () => {
    fc.assert(
      fc.property(anyIds, (ids) => {
        expect(stream(ids).text).toBe(tokenizer.decode(ids));
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test("keeps a byte order mark, and says half a character only when it is over", () => {
    const ids = tokenizer.encode("\ufeffé🙂");
    expect(stream(ids).text).toBe("\ufeffé🙂");
    const cut = stream(tokenizer.encode("é🙂").slice(0, -1));
    expect(cut.pieces.slice(0, -1).join("")).toBe("é");
    expect(cut.pieces.at(-1)).toBe("\ufffd");
  });
});

describe("stop strings", () => {
  test("end the text when one is complete, wherever tokens begin and end; no part of one is ever said", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "é", "🙂"), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "b", "é", "🙂"), maxLength: 24 }),
        fc.array(letters, { minLength: 1, maxLength: 3 }),
        (text, stops) => {
          const ids = tokenizer.encode(text);
          // The text as far as the token that completes a stop string.
          const prefixes = ids.map((_, i) => tokenizer.decode(ids.slice(0, i + 1)));
          const end = prefixes.find((prefix) => stops.some((s) => prefix.includes(s)));
          const places = stops.map((s) => end?.indexOf(s) ?? -1).filter((at) => at >= 0);
          const expected = end === undefined ? text : end.slice(0, Math.min(...places));
          const said = stream(ids, stops);
          expect(said.text).toBe(expected);
          expect(said.stopped).toBe(end !== undefined);
          let sofar = "";
          for (const piece of said.pieces) {
            sofar += piece;
            expect(expected.startsWith(sofar)).toBe(true);
          }
        },
      ),
      { seed: 3, numRuns: 1000 },
    );
  });

  test("hold back no more than may become one", () => {
    const text = new TextStream(tokenizer, ["User:"]);
    const said = tokenizer
      .encode("hello Us")
      .map((id) => text.push(id))
      .join("");
    expect(said).toBe("hello ");
    expect(text.end()).toBe("Us");
  });
});
