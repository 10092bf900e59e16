/** Pure rules of which files make a model: of a hub's repository, of an upload, of a folder. */

/** Where a model that was not trained here comes from. */
export const modelSources = ["incoming", "upload", "hub"] as const;
export type ModelSource = (typeof modelSources)[number];

export interface NamedFile {
  readonly path: string;
  readonly bytes: number;
}

/** A way to take a model out of a repository: its folder of safetensors, or one GGUF file. */
export interface ModelChoice<F extends NamedFile = NamedFile> {
  /** `folder`, or the GGUF file's name. */
  readonly id: string;
  readonly bytes: number;
  readonly files: readonly F[];
}

/** Of a folder, beside its weights. */
const described = [
  "config.json",
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "generation_config.json",
  "chat_template.jinja",
  "README.md",
];
const whole = "model.safetensors";
const index = "model.safetensors.index.json";
const shard = /^model-\d{5}-of-\d{5}\.safetensors$/;
/** One piece of a GGUF model that was split, which is not read. */
const ggufPiece = /-\d{5}-of-\d{5}\.gguf$/i;

const isGguf = (path: string): boolean => /\.gguf$/i.test(path);

const bytesOf = (files: readonly NamedFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** Every way to take a model that these files offer; what lies in subfolders belongs to something else. */
export function choicesOf<F extends NamedFile>(files: readonly F[]): ModelChoice<F>[] {
  const top = files.filter(({ path }) => !path.includes("/"));
  const named = (name: string) => top.find(({ path }) => path === name);
  const single = named(whole);
  const weights = single ? [single] : named(index) ? top.filter(({ path }) => path === index || shard.test(path)) : [];
  const folder = [...described.flatMap((name) => named(name) ?? []), ...weights];
  const complete = weights.length > 0 && named("config.json") && named("tokenizer.json");
  const ggufs = top.filter(({ path }) => isGguf(path) && !ggufPiece.test(path));
  return [
    ...(complete ? [{ id: "folder", bytes: bytesOf(folder), files: folder }] : []),
    ...ggufs.map((file) => ({ id: file.path, bytes: file.bytes, files: [file] })),
  ];
}

/** Where a model lies among files that came in together. */
export type FoundModel =
  | { readonly path: string; readonly tokenizer: string | null }
  | { readonly problem: "nothing" | "several" | "no_tokenizer" };

/**
 * Of relative paths: a folder with a config.json (the highest one), else one GGUF file, else a .bin of llama2.c with its
 * tokenizer, whose name begins with "tok".
 */
export function findModel(paths: readonly string[]): FoundModel {
  const name = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const depth = (path: string) => path.split("/").length;
  const [config] = paths.filter((path) => name(path) === "config.json").sort((a, b) => depth(a) - depth(b));
  if (config) return { path: config.slice(0, -"config.json".length).replace(/\/$/, ""), tokenizer: null };
  const ggufs = paths.filter(isGguf);
  if (ggufs.length > 1) return { problem: "several" };
  if (ggufs[0]) return { path: ggufs[0], tokenizer: null };
  const bins = paths.filter((path) => /\.bin$/i.test(path));
  const tokenizer = bins.find((path) => /^tok/i.test(name(path)));
  const models = bins.filter((path) => path !== tokenizer);
  if (models.length > 1) return { problem: "several" };
  if (!models[0]) return { problem: "nothing" };
  return tokenizer ? { path: models[0], tokenizer } : { problem: "no_tokenizer" };
}

/** Of the files that somebody chose those that make a model, as they are to be sent, and what it is called. */
export type PickedModel<F extends NamedFile> =
  | { readonly name: string; readonly bytes: number; readonly files: readonly F[] }
  | { readonly problem: Extract<FoundModel, { problem: string }>["problem"] | "no_weights" };

/** One zip file is sent as it is; of a folder only what a model needs, so that other weights beside it stay behind. */
export function pickModel<F extends NamedFile>(chosen: readonly F[]): PickedModel<F> {
  const files = chosen.filter(({ path, bytes }) => bytes > 0 && safePath(path) !== null);
  const picked = (name: string, some: readonly F[]) => ({ name, bytes: bytesOf(some), files: some });
  const [first] = files;
  if (first && files.length === 1 && /\.zip$/i.test(first.path)) return picked(first.path, files);
  const found = findModel(files.map(({ path }) => path));
  if ("problem" in found) return found;
  const { path, tokenizer } = found;
  const named = path.slice(path.lastIndexOf("/") + 1);
  if (tokenizer !== null)
    return picked(
      named,
      files.filter((file) => file.path === path || file.path === tokenizer),
    );
  if (isGguf(path))
    return picked(
      named,
      files.filter((file) => file.path === path),
    );
  const prefix = path === "" ? "" : `${path}/`;
  const inside = files.filter((file) => file.path.startsWith(prefix));
  const needed = choicesOf(inside.map((file) => ({ path: file.path.slice(prefix.length), bytes: file.bytes, file })));
  const folder = needed.find(({ id }) => id === "folder");
  if (!folder) return { problem: "no_weights" };
  return picked(
    named || "model",
    folder.files.map(({ file }) => file),
  );
}

/** A name that a file may keep under a folder of ours: relative, without a way out of it. Null for any other. */
export function safePath(path: string): string | null {
  const parts = path.replaceAll("\\", "/").split("/");
  const plain = parts.every((part) => part !== "" && part !== "." && part !== ".." && !hasControl(part));
  return plain && path.length <= 400 && parts.length <= 8 ? parts.join("/") : null;
}

const hasControl = (text: string): boolean => Array.from(text).some((char) => char < " " || char === "\u007f");
