import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";

/** What the hub calls a model: owner/name, or of the oldest a name alone. */
const hubId = /^[\w.-]+\/[\w.-]+$/;

/**
 * What to call a base in a file that others get: its id at the hub where config.json tells it, else its folder's name, with
 * that of the folder around it where it is but "model". Its place on this machine is nobody else's business.
 */
export function nameOfBase(folder: string): string {
  const file = join(folder, "config.json");
  const { _name_or_path: told } = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  if (typeof told === "string" && hubId.test(told) && !existsSync(told)) return told;
  const whole = resolve(folder);
  return basename(whole) === "model" ? `${basename(dirname(whole))}/model` : basename(whole);
}

/** Where the hub's own tools keep a model that they fetched, if they did. */
function inHubCache(name: string): string[] {
  if (!hubId.test(name)) return [];
  const { HF_HUB_CACHE, HF_HOME } = process.env;
  const cache = HF_HUB_CACHE ?? join(HF_HOME ?? join(homedir(), ".cache", "huggingface"), "hub");
  const folder = join(cache, `models--${name.replace("/", "--")}`);
  const main = join(folder, "refs", "main");
  return existsSync(main) ? [join(folder, "snapshots", readFileSync(main, "utf8").trim())] : [];
}

/** Where a base of that name may be for an adapter in `folder`: beside it, at that path, in TIEBREAK_MODELS, in the hub's cache. */
export function placesOfBase(folder: string, name: string): string[] {
  const libraries = (process.env.TIEBREAK_MODELS ?? "").split(":").filter(Boolean);
  return [
    join(folder, name),
    isAbsolute(name) ? name : resolve(name),
    ...(isAbsolute(name) ? [] : [join(folder, "..", name), ...libraries.map((library) => join(library, name))]),
    ...inHubCache(name),
  ];
}
