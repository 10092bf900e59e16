import type { RunConfigInput } from "@/trainer/contracts/runConfig";

/** Stories of the sample from this one on are held out from everything that makes the starter. */
export const holdOutFrom = 2200;

/** Text drawn from the teacher: what two busy cores draw in a quarter of an hour. */
export const teacherText = { characters: 1_800_000, seed: 0 };

/** The starter's training run, given where its texts are. */
export const starterConfig = (stories: string, teacherStories: string, output: string): RunConfigInput => ({
  kind: "pretrain",
  output,
  sources: [{ file: stories, repeat: 2, holdOutFrom }, { file: teacherStories }],
  seed: 0,
  optimizer: {
    algorithm: "muon",
    learningRate: 0.006,
    weightDecay: 0.1,
    beta2: 0.95,
    warmupRatio: 0.04,
    schedule: "cosine",
  },
  batchSize: 8,
  maxLength: 256,
  epochs: 100,
  maxSteps: 1200,
  evalEvery: 100,
  checkpointEvery: 50,
  vocabSize: 1024,
  hiddenSize: 128,
  layers: 4,
  heads: 2,
  keyValueHeads: 1,
  intermediateSize: 384,
});
