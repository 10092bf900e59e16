import type { RunView } from "./runEvents";
import type { RunDetail } from "./runTypes";

/** The card's words in the page's language. */
export interface CardWords {
  readonly title: string;
  /** What must be known of the labels; empty where there is nothing. */
  readonly what: string;
  readonly heldOut: string;
  readonly interval: string;
  readonly prompt: string;
  readonly base: string;
  readonly tuned: string;
  readonly samples: string;
  readonly settings: string;
  readonly curve: string;
  readonly step: string;
  /** Label and value, one a line. */
  readonly facts: readonly (readonly [label: string, value: string])[];
}

const quote = (text: string): string => text.trim().replaceAll(/^/gm, "> ");
const cell = (value: number | null | undefined): string => (value == null ? "" : String(Number(value.toPrecision(4))));

/** A run as a Markdown page of its own: figures with intervals, held-out curves, last samples, exact settings. */
export function runCard(run: RunDetail, view: RunView, words: CardWords): string {
  const metrics = Object.entries(run.metrics ?? {}).map(([name, value]) => {
    const [low, high] = run.intervals?.[name] ?? [];
    return `| ${name} | ${cell(value)} | ${low === undefined ? "" : `${cell(low)} – ${cell(high)}`} |`;
  });
  const names = Object.keys(view.heldOut);
  const steps = [...new Set(names.flatMap((name) => (view.heldOut[name] ?? []).map((p) => p.step)))].sort(
    (a, b) => a - b,
  );
  const at = (name: string, step: number) => view.heldOut[name]?.find((p) => p.step === step)?.value;
  const newest = view.samples.at(-1)?.step;
  const samples = view.samples
    .filter(({ step }) => step === newest)
    .map(
      (s) =>
        `**${words.prompt}**\n\n${quote(s.prompt)}\n\n**${words.base}**\n\n${quote(s.base)}\n\n**${words.tuned}**\n\n${quote(s.tuned)}`,
    );
  const parts = [
    `# ${words.title}`,
    ...(words.what ? [words.what] : []),
    words.facts.map(([label, value]) => `- ${label}: ${value}`).join("\n"),
    `| ${words.heldOut} | | ${words.interval} |\n|---|---|---|\n${metrics.join("\n")}`,
  ];
  if (steps.length > 0) {
    const rows = steps.map((step) => `| ${step} | ${names.map((name) => cell(at(name, step))).join(" | ")} |`);
    parts.push(
      `## ${words.curve}\n\n| ${words.step} | ${names.join(" | ")} |\n|${"---|".repeat(names.length + 1)}\n${rows.join("\n")}`,
    );
  }
  if (samples.length > 0) parts.push(`## ${words.samples}\n\n${samples.join("\n\n---\n\n")}`);
  parts.push(`## ${words.settings}\n\n\`\`\`json\n${JSON.stringify(run.config, null, 2)}\n\`\`\``);
  return `${parts.join("\n\n")}\n`;
}
