import { expect, test } from "vitest";
import { type Sample, sampled, secondsLeft } from "@/app/_features/models/transferPace";
import { repoSchema, revisionSchema } from "@/server/domain/models/hub";
import { choicesOf, findModel, pickModel, safePath } from "@/server/domain/models/modelFiles";

const of = (...paths: string[]) => choicesOf(paths.map((path) => ({ path, bytes: 2 })));
const choice = (choices: ReturnType<typeof of>, id: string) =>
  choices.find((c) => c.id === id)?.files.map(({ path }) => path);

test("a repository offers its folder with only what is needed, and each GGUF file that is whole", () => {
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const index = "model.safetensors.index.json";
  const all = of(
    "config.json",
    "tokenizer.json",
    index,
    ...shards,
    "README.md",
    "pytorch_model.bin",
    "onnx/config.json",
  );
  expect(choice(all, "folder")).toEqual(["config.json", "tokenizer.json", "README.md", index, ...shards]);
  expect(all[0]?.bytes).toBe(12);
  expect(choice(of("config.json", "tokenizer.json", "model.safetensors", index, ...shards), "folder")).toEqual([
    "config.json",
    "tokenizer.json",
    "model.safetensors",
  ]);
  expect(of("a-Q4_K_M.gguf", "b-00001-of-00003.gguf", "README.md").map(({ id }) => id)).toEqual(["a-Q4_K_M.gguf"]);
  expect(of("config.json", "tokenizer.json", "pytorch_model.bin")).toEqual([]);
  expect(of("config.json", "model.safetensors")).toEqual([]);
});

test("a model is found among files that came in together, or what is wrong with them", () => {
  expect(findModel(["my/config.json", "my/model.safetensors", "my/sub/config.json"])).toEqual({
    path: "my",
    tokenizer: null,
  });
  expect(findModel(["config.json", "x.gguf"])).toEqual({ path: "", tokenizer: null });
  expect(findModel(["notes.txt", "q/x.GGUF"])).toEqual({ path: "q/x.GGUF", tokenizer: null });
  expect(findModel(["stories15M.bin", "tokenizer.bin"])).toEqual({
    path: "stories15M.bin",
    tokenizer: "tokenizer.bin",
  });
  expect(findModel(["tok512.bin", "stories260K.bin"])).toEqual({ path: "stories260K.bin", tokenizer: "tok512.bin" });
  expect(findModel(["stories15M.bin"])).toEqual({ problem: "no_tokenizer" });
  expect(findModel(["a.gguf", "b.gguf"])).toEqual({ problem: "several" });
  expect(findModel(["a.txt"])).toEqual({ problem: "nothing" });
});

test("no path leads out of its folder", () => {
  for (const path of ["../x", "/etc/passwd", "a/../../x", "a//b", "a/./b", "..\\x", "C:\\..\\x", "", "a/", "x\u0000y"])
    expect(safePath(path), path).toBeNull();
  expect(safePath("model\\config.json")).toBe("model/config.json");
  expect(safePath("a/b.json")).toBe("a/b.json");
});

test("repositories are named by id or by address, and by nothing that leads elsewhere", () => {
  const repo = (text: string) => repoSchema.safeParse(text).data ?? null;
  expect(repo(" HuggingFaceTB/SmolLM2-135M ")).toBe("HuggingFaceTB/SmolLM2-135M");
  expect(repo("https://huggingface.co/Qwen/Qwen2.5-0.5B/tree/main")).toBe("Qwen/Qwen2.5-0.5B");
  expect(repo("gpt2")).toBe("gpt2");
  for (const text of ["../api", "a/b/c", "a b", "a/..", "", "a?b", "http://"]) expect(repo(text), text).toBeNull();
  expect(revisionSchema.safeParse("refs/pr/1").success).toBe(true);
  for (const text of ["../main", "a..b", "", "-x"]) expect(revisionSchema.safeParse(text).success, text).toBe(false);
});

test("of the files that somebody chose only those of the model are sent", () => {
  const pick = (...paths: string[]) => {
    const picked = pickModel(paths.map((path) => ({ path, bytes: 3 })));
    return "problem" in picked ? picked.problem : { ...picked, files: picked.files.map(({ path }) => path) };
  };
  expect(pick("m/config.json", "m/tokenizer.json", "m/model.safetensors", "m/pytorch_model.bin", "m/.git/x")).toEqual({
    name: "m",
    bytes: 9,
    files: ["m/config.json", "m/tokenizer.json", "m/model.safetensors"],
  });
  expect(pick("d/q.gguf", "d/notes.md")).toEqual({ name: "q.gguf", bytes: 3, files: ["d/q.gguf"] });
  expect(pick("a.bin", "tokenizer.bin", "x.md")).toEqual({
    name: "a.bin",
    bytes: 6,
    files: ["a.bin", "tokenizer.bin"],
  });
  expect(pick("model.zip")).toEqual({ name: "model.zip", bytes: 3, files: ["model.zip"] });
  expect(pick("m/config.json", "m/tokenizer.json", "m/pytorch_model.bin")).toBe("no_weights");
  expect(pick("../x.gguf")).toBe("nothing");
});

test("time left is by the pace of the last seconds, and says nothing before two of them", () => {
  const after = (...all: [bytes: number, at: number][]) =>
    all.reduce((samples: readonly Sample[], [bytes, at]) => sampled(samples, { bytes, at }), []);
  expect(secondsLeft(after([0, 0], [100, 1_000]), 1_000)).toBeNull();
  expect(secondsLeft(after([0, 0], [100, 1_000], [400, 4_000]), 1_000)).toBe(6);
  // What was slow long ago is forgotten; what begins again begins again.
  expect(secondsLeft(after([0, 0], [10, 20_000], [1_010, 25_000]), 2_010)).toBe(5);
  expect(secondsLeft(after([0, 0], [900, 9_000], [100, 9_500]), 1_000)).toBeNull();
});
