import { z } from "zod";
import { translatePattern } from "./pattern";
import { type Component, flattened, settings, unknownComponent } from "./schema";

/** A text and whether it goes on from text before it: then nothing is put in front. */
type Normalise = (text: string, continues: boolean) => string;

const patternSchema = z.union([z.object({ String: z.string().min(1) }), z.object({ Regex: z.string() })]);
type PatternJson = z.infer<typeof patternSchema>;

export { patternSchema };

/** A pattern as a regular expression with the flag g. */
export const regexOf = (pattern: PatternJson): RegExp =>
  "Regex" in pattern
    ? translatePattern(pattern.Regex)
    : new RegExp(pattern.String.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "gu");

const forms = ["NFC", "NFD", "NFKC", "NFKD"];

function stepOf(component: Component): Normalise {
  const form = forms.find((name) => name === component.type);
  if (form) return (text) => text.normalize(form);
  switch (component.type) {
    case "Prepend": {
      const { prepend } = settings(component, z.object({ prepend: z.string() }));
      return (text, continues) => (continues || text === "" ? text : prepend + text);
    }
    case "Replace": {
      const { pattern, content } = settings(component, z.object({ pattern: patternSchema, content: z.string() }));
      const regex = regexOf(pattern);
      return (text) => text.replace(regex, () => content);
    }
    case "Lowercase":
      return (text) => text.toLowerCase();
    case "Strip": {
      const { strip_left: left, strip_right: right } = settings(
        component,
        z.object({ strip_left: z.boolean().default(true), strip_right: z.boolean().default(true) }),
      );
      const cut = (text: string, where: RegExp, wanted: boolean) => (wanted ? text.replace(where, "") : text);
      return (text, continues) => cut(cut(text, /^\p{White_Space}+/u, left && !continues), /\p{White_Space}+$/u, right);
    }
    default:
      throw unknownComponent("normaliser", component);
  }
}

/** What tokenizer.json's normaliser does with a text. */
export function normaliserOf(component: Component | null | undefined): Normalise {
  const steps = flattened(component, "normalizers").map(stepOf);
  return (text, continues) => steps.reduce((done, step) => step(done, continues), text);
}
