import { TrainerError } from "../contracts/error";
import type { Message } from "../contracts/message";
import { renderTemplate } from "./template";
import type { Tokenizer } from "./tokenizer";

/** What turns conversations into token ids: a tokenizer with its template and special tokens. */
export interface TextCodec {
  readonly tokenizer: Tokenizer;
  readonly chatTemplate: string | null;
  readonly bosToken: string;
  readonly eosToken: string;
}

function render(
  { chatTemplate, bosToken, eosToken }: TextCodec,
  messages: readonly Message[],
  addGenerationPrompt: boolean,
): string {
  if (chatTemplate === null) return `${bosToken}${messages.map((m) => m.content).join("")}`;
  try {
    return renderTemplate(chatTemplate, {
      messages,
      bos_token: bosToken,
      eos_token: eosToken,
      add_generation_prompt: addGenerationPrompt,
    });
  } catch (cause) {
    if (cause instanceof TrainerError) throw cause;
    const roles = messages.map((m) => m.role).join(", ");
    throw new TrainerError(
      "bad_dataset",
      `The model's chat template does not take a conversation of ${roles}: ${(cause as Error).message}`,
      {},
      { cause },
    );
  }
}

/** Token ids of a prompt as the model is asked it; special tokens come from the template, once. */
export const encodePrompt = (codec: TextCodec, prompt: readonly Message[]): number[] =>
  codec.tokenizer.encode(render(codec, prompt, true), { special: true });

/**
 * Token ids of an answer after its prompt. Prompt and answer are tokenised apart, as TRL does, so that no token spans the
 * boundary. The end-of-text token is the last: what a template writes after it is left, where it writes none it is appended.
 */
export function encodeCompletion(codec: TextCodec, prompt: readonly Message[], answer: readonly Message[]): number[] {
  const { tokenizer } = codec;
  const before = render(codec, prompt, true);
  const whole = render(codec, [...prompt, ...answer], false);
  const text = whole.startsWith(before) ? whole.slice(before.length) : answer.map((m) => m.content).join("");
  const last = tokenizer.encode(before, { special: true }).at(-1);
  const ids = tokenizer.encode(text, { special: true, continues: last !== undefined && !tokenizer.isAdded(last) });
  const eos = tokenizer.idOf(codec.eosToken);
  if (eos === undefined) return ids;
  const end = ids.lastIndexOf(eos);
  const rest = end < 0 ? "" : tokenizer.decode(ids.slice(end + 1));
  return end < 0 || rest.trim() !== "" ? [...ids, eos] : ids.slice(0, end + 1);
}
