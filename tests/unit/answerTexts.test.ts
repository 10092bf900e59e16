import { expect, test } from "vitest";
import { joinTexts } from "@/server/worker/answerJob";

const say = (modelId: string, text: string) => ({ type: "text" as const, modelId, text });
const end = (modelId: string) => ({ type: "end" as const, modelId, reason: "stop" as const, tokens: 2, seconds: 1 });

test("pieces of two answers are joined each for itself, in order, and end after their text", () => {
  const told = [say("a", "On"), say("b", "Tw"), say("a", "e"), end("a"), say("b", "o"), end("b")];
  expect(joinTexts(told)).toEqual([say("a", "One"), say("b", "Two"), end("a"), end("b")]);
  expect(joinTexts([])).toEqual([]);
});
