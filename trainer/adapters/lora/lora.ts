import type { AdapterMethod } from "../method";
import { loraForward } from "./forward";
import { loraMerge } from "./merge";
import { loraNames } from "./names";
import { loraFromPeft, loraToPeft } from "./peft";
import { loraStart } from "./start";

/** LoRA (Hu et al. 2022) and its kin: rsLoRA, DoRA, PiSSA's start, LoRA+'s rates. */
export const lora: AdapterMethod = {
  start: loraStart,
  forward: loraForward,
  rateOf: ({ rateRatio }, name) => (name.endsWith(suffixOfB) ? rateRatio : 1),
  merge: loraMerge,
  toPeft: loraToPeft,
  fromPeft: loraFromPeft,
};

const suffixOfB = loraNames("").b;
