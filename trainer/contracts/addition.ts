/** What a model that was added from a file or a folder turned out to be. */
export interface AddedModel {
  readonly kind: "policy" | "reward";
  /** Its architecture, by Hugging Face's model_type. */
  readonly family: string;
  /** The most tokens it sees at once. */
  readonly context: number;
  /** As its card or its metadata says; null when they say nothing. */
  readonly licence: string | null;
  /** Of the file, or of the folder's weights one after the other. */
  readonly sha256: string;
}
