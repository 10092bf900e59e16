import { Template } from "@huggingface/jinja";
import type { Message } from "../contracts/message";
import type { Tokenizer } from "./tokenizer";

/** What turns conversations into token ids: a tokenizer with its template and special tokens. */
export interface TextCodec {
  readonly tokenizer: Tokenizer;
  readonly chatTemplate: string | null;
  readonly bosToken: string;
  readonly eosToken: string;
}

const templates = new Map<string, Template>();

function render(
  { chatTemplate, bosToken, eosToken }: TextCodec,
  messages: readonly Message[],
  addGenerationPrompt: boolean,
): string {
  if (chatTemplate === null) return `${bosToken}${messages.map((m) => m.content).join("")}`;
  let template = templates.get(chatTemplate);
  if (!template) {
    template = new Template(chatTemplate);
    templates.set(chatTemplate, template);
  }
  return template.render({
    messages,
    bos_token: bosToken,
    eos_token: eosToken,
    add_generation_prompt: addGenerationPrompt,
  });
}

/** Token ids of a prompt as the model is asked it; special tokens come from the template, once. */
export const encodePrompt = (codec: TextCodec, prompt: readonly Message[]): number[] =>
  codec.tokenizer.encode(render(codec, prompt, true), { special: true });

/**
 * Token ids of an answer after its prompt. Prompt and answer are tokenised apart, as TRL does, so that no token spans the
 * boundary; the end-of-text token is appended unless the template already did.
 */
export function encodeCompletion(codec: TextCodec, prompt: readonly Message[], answer: readonly Message[]): number[] {
  const before = render(codec, prompt, true);
  const whole = render(codec, [...prompt, ...answer], false);
  const text = whole.startsWith(before) ? whole.slice(before.length) : answer.map((m) => m.content).join("");
  const ids = codec.tokenizer.encode(text, { special: true });
  const eos = codec.tokenizer.idOf(codec.eosToken);
  return eos === undefined || ids.at(-1) === eos ? ids : [...ids, eos];
}
