import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Random } from "@/trainer/data/random";
import { Tokenizer } from "@/trainer/data/tokenizer";
import { variedTexts } from "../helpers/variedTexts";

const python = process.env.TIEBREAK_PEER_PYTHON;
if (!python) console.warn("Skipped: set TIEBREAK_PEER_PYTHON to a Python with tokenizers.");
/** A folder of folders with a tokenizer.json each: real ones, to be held against Python as well. */
const real = process.env.TIEBREAK_TOKENIZERS;

const folder = mkdtempSync(join(tmpdir(), "tokenizers-"));
const texts = variedTexts(10_000, new Random(20));
const folders = () => readdirSync(folder).filter((name) => existsSync(join(folder, name, "tokenizer.json")));
const read = (...path: string[]) => JSON.parse(readFileSync(join(folder, ...path), "utf8"));

beforeAll(() => {
  if (!python) return;
  if (real) cpSync(real, folder, { recursive: true });
  writeFileSync(join(folder, "texts.json"), JSON.stringify(texts));
  execFileSync(python, [resolve("tests/interop/tokenizersPeer.py"), folder], {
    stdio: ["ignore", "ignore", "inherit"],
  });
});

test.skipIf(!python)(
  "10,000 texts have the tokens that Python's tokenizers gives them, and decode to the same text",
  () => {
    expect(folders().length).toBeGreaterThanOrEqual(10);
    const differences: Record<string, unknown[]> = {};
    for (const name of folders()) {
      const tokenizer = new Tokenizer(read(name, "tokenizer.json"));
      const answers: { special: number[][]; plain: number[][]; decoded: string[] } = read(name, "answers.json");
      const wrong = texts.flatMap((text, i) => {
        const found: unknown[] = [];
        for (const special of [true, false]) {
          const expected = answers[special ? "special" : "plain"][i];
          const ids = tokenizer.encode(text, { special });
          if (ids.join() !== expected?.join()) found.push({ text, special, ids, expected });
        }
        const decoded = tokenizer.decode(answers.plain[i] as number[]);
        if (decoded !== answers.decoded[i]) found.push({ text, decoded, expected: answers.decoded[i] });
        return found;
      });
      console.log(`${name}: ${texts.length} texts, ${wrong.length} differences`);
      if (wrong.length > 0) differences[name] = wrong.slice(0, 3);
    }
    expect(differences).toEqual({});
  },
);
