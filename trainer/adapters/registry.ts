import type { AdapterConfig, AdapterMethodName } from "../contracts/adapter";
import { lora } from "./lora/lora";
import type { AdapterMethod } from "./method";
import { prefix } from "./prefix/prefix";
import { prompt } from "./prompt/prompt";

const methods: Readonly<Record<Exclude<AdapterMethodName, "full">, AdapterMethod>> = { lora, prompt, prefix };

/** The method that a configuration names; null where all weights are trained. */
export const methodOf = ({ method }: Pick<AdapterConfig, "method">): AdapterMethod | null =>
  method === "full" ? null : methods[method];

/** The method of a PEFT adapter by its `peft_type`; undefined for one that is not read. */
export const methodOfPeft = (type: unknown): AdapterMethod | undefined =>
  new Map<unknown, AdapterMethod>([
    ["LORA", lora],
    ["PROMPT_TUNING", prompt],
    ["PREFIX_TUNING", prefix],
  ]).get(type);
