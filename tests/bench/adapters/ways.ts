import { type AdapterConfig, adapterSchema } from "@/trainer/contracts/adapter";

export interface Way {
  readonly id: string;
  readonly label: string;
  readonly adapter: AdapterConfig;
}

const way = (id: string, label: string, settings: Partial<AdapterConfig>): Way => ({
  id,
  label,
  adapter: adapterSchema.parse(settings),
});
const lora = (label: string, id: string, settings: Partial<AdapterConfig>) =>
  way(id, `${label}, r ${settings.rank ?? 16}`, { method: "lora", ...settings });

/** What can be trained, from all of it down. */
export const ways: readonly Way[] = [
  way("full", "all weights", {}),
  ...[1, 2, 4, 8, 16, 32, 64].map((rank) => lora("LoRA", `lora-${rank}`, { rank })),
  ...[16, 64].map((rank) => lora("rsLoRA", `rslora-${rank}`, { rank, rankStabilised: true })),
  lora("DoRA", "dora-16", { decomposed: true }),
  lora("PiSSA", "pissa-16", { initialisation: "pissa" }),
  lora("QLoRA (base in NF4)", "qlora-16", { baseWeights: "nf4" }),
  lora("LoRA+", "loraplus-16", { rateRatio: 16 }),
  way("prompt", "prompt, 20 tokens", { method: "prompt" }),
  way("prompt-text", "prompt, 20 tokens from a text", { method: "prompt", startText: "Once upon a time, there was a" }),
  way("prefix", "prefix, 20 tokens", { method: "prefix" }),
  way("prefix-network", "prefix, 20 tokens, through a network", { method: "prefix", reparametrised: true }),
];
