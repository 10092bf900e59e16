export type TrainerErrorCode =
  | "bad_config"
  | "bad_dataset"
  | "bad_model"
  | "bad_checkpoint"
  | "not_traceable"
  | "not_finite"
  | "diverged"
  | "gpu_lost"
  | "out_of_memory"
  | "disk_full"
  | "cancelled"
  | "paused";

/** The reason with which an `AbortSignal` asks for a checkpoint and a pause rather than for the end. */
export const pauseReason = "pause";

/** What went wrong, where (file, line, field) and what to do about it, in one sentence for a person. */
export class TrainerError extends Error {
  override readonly name = "TrainerError";
  constructor(
    readonly code: TrainerErrorCode,
    message: string,
    readonly details: Readonly<Record<string, string | number>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
