/** A projection's part of a delta: its signs, int32 [rows, ⌈columns/32⌉] as the weight lies in the model, and its scale []. */
export const deltaNames = (projection: string) => ({
  signs: `${projection}.delta_signs`,
  scale: `${projection}.delta_scale`,
});
