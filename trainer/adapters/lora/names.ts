import type { Projection } from "../../models/names";

/** A projection's LoRA parameters, by PEFT's names: A [r, in], B [out, r], and DoRA's lengths [out]. */
export const loraNames = (projection: string) => ({
  a: `${projection}.lora_A.weight`,
  b: `${projection}.lora_B.weight`,
  magnitude: `${projection}.lora_magnitude_vector`,
  /** What PiSSA started from, which the base's weight still holds. */
  initialA: `${projection}.lora_A_initial.weight`,
  initialB: `${projection}.lora_B_initial.weight`,
});

/** `q_proj` of `model.layers.0.self_attn.q_proj`. */
export const lastPart = ({ name }: Pick<Projection, "name">): string => name.slice(name.lastIndexOf(".") + 1);
