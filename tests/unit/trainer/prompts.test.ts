import { expect, test } from "vitest";
import { isJsonLines, readPrompts } from "@/trainer/contracts/prompts";

const user = (content: string) => [{ role: "user", content }];

test("one prompt a line; empty lines are none, and a line keeps its spaces", () => {
  const { prompts, problems } = readPrompts("\ufeffOnce upon\r\n\n  A fox \n   \n", false);
  expect(prompts).toEqual([user("Once upon"), user("  A fox ")]);
  expect(problems).toEqual([]);
});

test("JSON lines hold a text or messages; each bad line is named by its number", () => {
  const chat = [
    { role: "system", content: "Be short." },
    { role: "user", content: "Hi" },
  ];
  const lines = [
    JSON.stringify({ prompt: "A" }),
    JSON.stringify({ prompt: chat }),
    "{not json",
    JSON.stringify({ question: "B" }),
    "",
    JSON.stringify({ prompt: " " }),
    JSON.stringify({ prompt: [{ role: "assistant", content: "Hi" }] }),
    "null",
  ];
  const { prompts, problems } = readPrompts(lines.join("\n"), true);
  expect(prompts).toEqual([user("A"), chat]);
  expect(problems).toEqual([
    { line: 3, problem: "not_json" },
    { line: 4, problem: "no_prompt" },
    { line: 6, problem: "no_prompt" },
    { line: 7, problem: "no_question" },
    { line: 8, problem: "no_prompt" },
  ]);
});

test("a list is taken for JSON lines when its first line is an object, not when it merely begins with a brace", () => {
  expect(isJsonLines('\n {"prompt": "A"}\n')).toBe(true);
  expect(isJsonLines("{a story} begins\n")).toBe(false);
  expect(isJsonLines("Once\n{}")).toBe(false);
});
