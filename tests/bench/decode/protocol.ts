/** What the bench asks both sides, a line of JSON each way. */
export interface BenchRequest {
  readonly ids: readonly (readonly number[])[];
  readonly newTokens: number;
  readonly sample: boolean;
}

export interface BenchAnswer {
  readonly seconds: number;
  readonly tokens: readonly (readonly number[])[];
  /** The most memory that the process has held so far. */
  readonly peakBytes: number;
}
