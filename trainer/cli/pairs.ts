import { once } from "node:events";
import { createWriteStream, readFileSync } from "node:fs";
import { basename } from "node:path";
import { TrainerError } from "../contracts/error";
import type { SamplingInput } from "../contracts/inference";
import type { Message } from "../contracts/message";
import { type PromptProblem, readPrompts } from "../contracts/prompts";
import { loadModel } from "../generation/loadedModel";
import { generatePairs } from "../generation/pairs";
import { openProvider } from "../runtime/provider";

const problemTexts: Readonly<Record<PromptProblem, string>> = {
  not_json: "not JSON",
  no_prompt: 'needs a "prompt" that is a text or a list of messages',
  no_question: "must end with a message of the user",
};

/** The prompts of a file, plain ones as text; `bad_dataset` with the line of the first that is none. */
export function promptsOf(text: string, file: string): (string | readonly Message[])[] {
  const { prompts, problems } = readPrompts(text, file.endsWith(".jsonl"));
  const [first] = problems;
  if (first) {
    const where = `${file}, line ${first.line}`;
    throw new TrainerError("bad_dataset", `${where}: ${problemTexts[first.problem]}.`, { where });
  }
  return prompts.map((prompt) => (prompt.length === 1 && prompt[0] ? prompt[0].content : prompt));
}

/** Answers every prompt in pairs and writes them as JSON lines, as they come, to a file or to standard output. */
export async function writePairs(
  folders: readonly string[],
  promptsFile: string,
  perPrompt: number,
  sampling: SamplingInput,
  out: string | null,
): Promise<void> {
  const prompts = promptsOf(readFileSync(promptsFile, "utf8"), promptsFile);
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
  process.stderr.write(
    `${written} pairs from ${prompts.length} prompts; ${asked - written} had two equal answers or an empty one.\n`,
  );
}
