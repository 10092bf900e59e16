import type { Message } from "../contracts/message";
import type { PolicyConfig } from "../contracts/runConfig";
import type { RunEvent } from "../contracts/runEvent";
import { type Completion, completeOnce } from "../generation/generate";
import type { ModelFolder } from "../io/modelFolder";
import type { Parameters } from "../io/safetensors";
import type { Job } from "../loop/trainLoop";
import type { Provider } from "../runtime/program";
import type { TuningStart } from "./start";

/** Some held-out prompts answered by the base and by the model in training, always by the likeliest token. */
export function sampler(
  config: PolicyConfig,
  { base, model }: Pick<TuningStart, "base" | "model">,
  heldOut: readonly { readonly promptId: string; readonly promptText: readonly Message[] }[],
  provider: Provider,
): Job["sample"] {
  const prompts = [...new Map(heldOut.map((e) => [e.promptId, e.promptText])).values()].slice(0, config.samplePrompts);
  const sampling = { maxTokens: config.sampleTokens, temperature: 0, seed: config.seed };
  const answers = (by: ModelFolder, parameters: Parameters) =>
    completeOnce(
      by,
      parameters,
      provider,
      prompts.map((prompt) => ({ prompt: [...prompt], sampling })),
    );
  let baseAnswers: readonly Completion[] | null = null;

  return async function* sample(parameters, step): AsyncGenerator<RunEvent> {
    baseAnswers ??= await answers(base, base.parameters);
    const tuned = await answers(model, parameters);
    for (const [i, prompt] of prompts.entries()) {
      const text = prompt.map((m) => m.content).join("\n");
      yield { type: "sample", step, prompt: text, base: baseAnswers[i]?.text ?? "", tuned: tuned[i]?.text ?? "" };
    }
  };
}
