import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { basename } from "node:path";
import { TrainerError } from "../contracts/error";
import type { SamplingInput } from "../contracts/inference";
import { type Message, messagesSchema } from "../contracts/message";
import { loadModel } from "../generation/loadedModel";
import { generatePairs } from "../generation/pairs";
import { openProvider } from "../runtime/provider";

/** Prompts of a file: JSON lines with a `prompt` (text or messages), or one prompt a line. Empty lines are passed over. */
export function readPrompts(text: string, file: string): (string | Message[])[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "") return [];
    return [file.endsWith(".jsonl") ? promptOf(line, `${file}, line ${i + 1}`) : line];
  });
}

function promptOf(line: string, where: string): string | Message[] {
  let prompt: unknown;
  try {
    prompt = (JSON.parse(line) as { prompt?: unknown } | null)?.prompt;
  } catch (cause) {
    throw new TrainerError("bad_dataset", `${where}: not JSON.`, { where }, { cause });
  }
  if (typeof prompt === "string" && prompt !== "") return prompt;
  const messages = messagesSchema.safeParse(prompt);
  if (messages.success) return messages.data;
  throw new TrainerError("bad_dataset", `${where}: needs a "prompt" that is a text or a list of messages.`, { where });
}

/** Answers every prompt in pairs and writes them as JSON lines, as they come, to a file or to standard output. */
export async function writePairs(
  folders: readonly string[],
  promptsFile: string,
  perPrompt: number,
  sampling: SamplingInput,
  out: string | null,
): Promise<void> {
  const prompts = readPrompts(readFileSync(promptsFile, "utf8"), promptsFile);
  const provider = await openProvider("auto");
  const models = folders.map((folder) => ({ ...loadModel(folder, provider), name: basename(folder) }));
  const output = out === null ? process.stdout : createWriteStream(out);
  let written = 0;
  for await (const pair of generatePairs(models, prompts, { perPrompt, sampling })) {
    if (!output.write(`${JSON.stringify(pair)}\n`)) await once(output, "drain");
    written += 1;
  }
  if (output !== process.stdout) {
    output.end();
    await once(output, "finish");
  }
  for (const model of models) await model.dispose();
  const asked = prompts.length * perPrompt;
  process.stderr.write(`${written} pairs from ${prompts.length} prompts; ${asked - written} had two equal answers.\n`);
}
