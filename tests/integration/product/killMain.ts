import { parseArgs } from "node:util";
import { killTest } from "./killTest";

/** `npm run test:kill -- --kills 100 [--seed 7]`. The seed decides who is killed when; the machine decides the rest. */
const { values } = parseArgs({ options: { kills: { type: "string", default: "100" }, seed: { type: "string" } } });
const seed = values.seed === undefined ? undefined : Number(values.seed);
const report = await killTest({ kills: Number(values.kills), pauseMs: 4_000 }, seed, console.log);
console.log(JSON.stringify(report, null, 2));
const clean = report.differences.length + report.overfull + report.orphans.length === 0;
const finished = Object.keys(report.runStates).every((state) => state === "finished");
process.exit(clean && finished ? 0 : 1);
