import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";
import { locales } from "@/i18n/locale";
import { namespaces } from "@/i18n/namespaces";
import { errorMeanings } from "@/server/domain/errors";
import { snapshotRunKinds } from "@/trainer/contracts/runConfig";
import { pathOf, settableFields } from "@/trainer/contracts/settings";

type Tree = { readonly [key: string]: string | Tree };

const read = (locale: string, namespace: string): Tree =>
  JSON.parse(readFileSync(join("messages", locale, `${namespace}.json`), "utf8"));

const flatten = (tree: Tree, path = ""): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[path + key, value] as [string, string]] : flatten(value, `${path}${key}.`),
  );

/** ICU arguments of a message as "name:type"; `<tag>`s count as "name:tag". */
function argumentsOf(message: string): string[] {
  const found = new Set<string>();
  for (const [, tag] of message.matchAll(/<([a-zA-Z]+)>/g)) found.add(`${tag}:tag`);
  const walk = (text: string): void => {
    for (let at = 0; at < text.length; at++) {
      if (text[at] !== "{") continue;
      const end = closing(text, at);
      const [name = "", type = "plain", ...rest] = text.slice(at + 1, end).split(",");
      found.add(`${name.trim()}:${type.trim()}`);
      // The branches of a plural or select hold messages of their own.
      const branches = rest.join(",");
      for (let open = branches.indexOf("{"); open !== -1; open = branches.indexOf("{", closing(branches, open))) {
        walk(branches.slice(open + 1, closing(branches, open)));
      }
      at = end;
    }
  };
  walk(message);
  return [...found].sort();
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error(`unbalanced braces: ${text}`);
}

const sample = (argument: string): [string, unknown] => {
  const [name = "", type] = argument.split(":");
  if (type === "tag") return [name, (chunks: unknown) => chunks];
  if (type === "date" || type === "time") return [name, new Date(0)];
  return [name, type === "plain" || type === "select" ? "x" : 2];
};

describe("messages", () => {
  it.each(locales)("has one file per namespace in %s", (locale) => {
    expect(readdirSync(join("messages", locale)).sort()).toEqual(namespaces.map((name) => `${name}.json`));
  });

  it.each(namespaces.filter((name) => name !== "fields"))(
    "%s says the same things with the same arguments in every language",
    (namespace) => {
      const shape = (locale: string) =>
        Object.fromEntries(flatten(read(locale, namespace)).map(([key, text]) => [key, argumentNames(text)]));
      const argumentNames = (text: string) => [...new Set(argumentsOf(text).map((argument) => argument.split(":")[0]))];
      expect(shape("zh")).toEqual(shape("en"));
    },
  );

  it("has label and meaning in Chinese for every setting of every kind of run; English has the schema's own", () => {
    expect(read("en", "fields")).toEqual({});
    const words = flatten(read("zh", "fields")).map(([key]) => key);
    const told = new Map<string, string>();
    const needed = snapshotRunKinds.flatMap((kind) =>
      settableFields(kind).flatMap((setting) => {
        const path = pathOf(setting);
        const says = JSON.stringify([setting.field.description, setting.field.source]);
        if (!told.has(path)) told.set(path, says);
        const place = told.get(path) === says ? path : `${kind}.${path}`;
        return [`${place}.label`, `${place}.help`];
      }),
    );
    expect([...new Set(needed)].filter((key) => !words.includes(key))).toEqual([]);
    expect(words.filter((key) => !key.endsWith(".source") && !needed.includes(key))).toEqual([]);
  });

  it.each(locales)("every message in %s can be formatted", (locale) => {
    const failures: string[] = [];
    for (const namespace of namespaces) {
      const tree = read(locale, namespace);
      const t = createTranslator({
        locale,
        timeZone: "UTC",
        messages: tree as Record<string, never>,
        onError: (error) => failures.push(`${namespace}: ${error.message}`),
      }) as unknown as { rich(key: string, values: Record<string, unknown>): unknown };
      for (const [key, text] of flatten(tree)) t.rich(key, Object.fromEntries(argumentsOf(text).map(sample)));
    }
    expect(failures).toEqual([]);
  });

  it("has a sentence for every error, in both languages and without exclamation", () => {
    const codes = [...Object.keys(errorMeanings), "internal_error", "network"].sort();
    for (const locale of locales) {
      expect(Object.keys(read(locale, "errors")).sort()).toEqual(codes);
      for (const namespace of namespaces) {
        const loud = flatten(read(locale, namespace)).filter(([, text]) => /[!！]/.test(text));
        expect(loud, `${locale}/${namespace}`).toEqual([]);
      }
    }
  });

  it("has every text that a page asks for", () => {
    const missing = sourceFiles("app").flatMap((file) => missingKeys(file));
    expect(missing).toEqual([]);
  });
});

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

/** Keys that a file names outright, `t("a.b")`, or by their beginning, t(`a.${b}`), and that no catalogue has. */
function missingKeys(file: string): string[] {
  const source = readFileSync(file, "utf8");
  const scopes = new Map<string, string[]>();
  const add = (name: string, scope: string) => scopes.set(name, [...(scopes.get(name) ?? []), scope]);
  for (const [, name = "", scope = ""] of source.matchAll(
    /const (\w+) = (?:await )?(?:use|get)Translations\("([\w.]+)"\)/g,
  )) {
    add(name, scope);
  }
  const uses: [string[], string, boolean][] = [];
  for (const [, scope = "", key = ""] of source.matchAll(/\(await getTranslations\("([\w.]+)"\)\)\("([\w.]+)"/g)) {
    uses.push([[scope], key, true]);
  }
  for (const [name, its] of scopes) {
    const call = `(?<![\\w.])${name}(?:\\.rich|\\.markup|\\.raw|\\.has)?\\(\\s*`;
    for (const [, key = ""] of source.matchAll(new RegExp(`${call}"([\\w.]+)"`, "g"))) uses.push([its, key, true]);
    for (const [, key = ""] of source.matchAll(new RegExp(`${call}\`([\\w.]+)\\.\\$\\{`, "g"))) {
      uses.push([its, key, false]);
    }
  }
  return uses
    .filter(
      ([its, key, leaf]) => !its.some((scope) => typeof lookUp(`${scope}.${key}`) === (leaf ? "string" : "object")),
    )
    .map(([its, key]) => `${file}: ${its.join("|")}.${key}`);
}

function lookUp(path: string): string | Tree | undefined {
  const [namespace = "", ...keys] = path.split(".");
  if (!namespaces.some((name) => name === namespace)) return undefined;
  let at: string | Tree | undefined = read("en", namespace);
  for (const key of keys) at = typeof at === "object" ? at[key] : undefined;
  return at;
}
