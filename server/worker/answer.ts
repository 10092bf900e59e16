import type { GenerationEvent } from "@/db/schema/runs";
import type { GenerateChunk } from "@/trainer/contracts/inference";
import type { Message } from "@/trainer/contracts/message";
import type { ModelCache } from "./modelCache";
import type { PlacedModel, Question } from "./protocol";

interface Voice {
  readonly modelId: string;
  readonly chunks: AsyncGenerator<GenerateChunk>;
  text: string;
  seconds: number;
}

/** One chunk of one voice; true when it has ended. */
async function speak(voice: Voice, tell: (event: GenerationEvent) => void): Promise<boolean> {
  const { modelId } = voice;
  const started = performance.now();
  const { value: chunk, done } = await voice.chunks.next();
  voice.seconds += (performance.now() - started) / 1000;
  if (done) return true;
  if (chunk.type === "end") {
    tell({ type: "end", modelId, reason: chunk.reason, tokens: chunk.tokens, seconds: voice.seconds });
  } else if (chunk.text !== "") {
    voice.text += chunk.text;
    tell({ type: "text", modelId, text: chunk.text });
  }
  return false;
}

/** All models answer at once, token by token in turn; then the judge scores the answers. Stops between two tokens. */
export async function answer(
  { prompt, models, judge, sampling }: Question,
  cache: ModelCache,
  tell: (event: GenerationEvent) => void,
  stopped: () => boolean,
): Promise<void> {
  const voices: Voice[] = [];

  /** Each model stays in memory while those after it are opened and all have answered. */
  async function withModels([next, ...rest]: readonly PlacedModel[]): Promise<void> {
    if (!next) return chorus();
    await cache.using(next, async (model) => {
      const chunks = model.generate({ prompt: [...prompt], sampling });
      voices.push({ modelId: next.id, chunks, text: "", seconds: 0 });
      await withModels(rest);
    });
  }

  async function chorus(): Promise<void> {
    let speaking = [...voices];
    while (speaking.length > 0 && !stopped()) {
      const ended = new Set<Voice>();
      for (const voice of speaking) if (await speak(voice, tell)) ended.add(voice);
      speaking = speaking.filter((voice) => !ended.has(voice));
    }
  }

  await withModels(models);
  if (!judge) return;
  await cache.using(judge, async (model) => {
    for (const { modelId, text } of voices) {
      if (stopped()) return;
      const answered: Message[] = [{ role: "assistant", content: text }];
      tell({ type: "score", modelId, score: await model.scoreReward(prompt, answered) });
    }
  });
}
