import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { Random } from "@/trainer/data/random";

/** PandaLM's training rows in characters, about: mean 196 of instruction with input, 298 of an answer. */
const lengths = { prompt: [60, 330], answer: [60, 540] } as const;

const words =
  "the of and to in is you that it he was for on are as with his they at be this have from or one had by word but not what all were we when your can said there use an each which she do how their if will up other about out many then them these so some her would make like him into time has look two more write go see number no way could people my than first water been call who oil its now find long down day did get come made may part".split(
    " ",
  );

/** Writes `count` different triples as JSON lines; the same ones for the same count. Returns their bytes. */
export async function writeTriples(file: string, count: number): Promise<number> {
  const random = new Random(1);
  const text = ([least, most]: readonly [number, number]) => {
    const length = least + random.below(most - least);
    let said = "";
    while (said.length < length) said += `${words[random.below(words.length)]} `;
    return said.trimEnd();
  };
  const out = createWriteStream(file);
  let bytes = 0;
  for (let begin = 0; begin < count; begin += 1_000) {
    let lines = "";
    for (let i = begin; i < Math.min(count, begin + 1_000); i++) {
      const row = {
        prompt: `${i}: ${text(lengths.prompt)}`,
        chosen: text(lengths.answer),
        rejected: text(lengths.answer),
      };
      lines += `${JSON.stringify(row)}\n`;
    }
    bytes += lines.length;
    if (!out.write(lines)) await once(out, "drain");
  }
  out.end();
  await finished(out);
  return bytes;
}
