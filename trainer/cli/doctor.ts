import type { DoctorReport } from "../contracts/doctor";
import { examineMachine } from "../doctor";

export const doctorOptions = { json: { type: "boolean" }, bench: { type: "boolean" } } as const;

export const doctorHelp = `tiebreak-trainer doctor: what this machine has to compute with, what is missing and how to get it

  --bench  measures a training step on each provider too (about a minute)
  --json   for machines
`;

function doctorText({ machine, chosen, providers }: DoctorReport): string {
  const best = Math.max(...providers.map((p) => p.tokensPerSecond ?? 0));
  const lines = providers.map(({ name, available, missing, remedy, tokensPerSecond }) => {
    if (!available) return `  –  ${name.padEnd(14)} ${missing}.\n${" ".repeat(20)}${remedy ?? ""}`;
    const share =
      tokensPerSecond === null ? "" : `, ${((100 * tokensPerSecond) / best).toFixed(0)} % of the fastest here`;
    const rate = tokensPerSecond === null ? "" : `${Math.round(tokensPerSecond)} training tokens/s${share}`;
    return `  ok ${name.padEnd(14)} ${rate}`.trimEnd();
  });
  const gib = (machine.memoryBytes / 2 ** 30).toFixed(0);
  return [
    `Node ${machine.node}, ${machine.platform}, ${machine.cores} × ${machine.cpu}, ${gib} GiB; ${machine.gpu.why}.`,
    ...lines,
    `Runs take ${chosen.name}: ${chosen.reason}.`,
  ].join("\n");
}

export async function runDoctor(values: Readonly<Record<string, unknown>>): Promise<void> {
  const report = await examineMachine(values.bench === true ? 60 : 0);
  process.stdout.write(`${values.json === true ? JSON.stringify(report, null, 2) : doctorText(report)}\n`);
}
