import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { RunEvent } from "@/trainer/contracts/runEvent";
import { train } from "@/trainer/recipes/train";
import { openProvider } from "@/trainer/runtime/provider";
import { beginningsOf, humanStories, writeTeacherStories } from "./corpus";
import { lossCurve } from "./lossCurve";
import { holdOutFrom, starterConfig, teacherText } from "./recipe";
import { Teacher } from "./teacher";

/**
 * Makes the starter model from nothing:
 *
 *     npm run make:starter -- --stories tinystories_sample.txt --teacher stories260K --output work
 *
 * `--teacher` is a folder with stories260K.bin and tok512.bin. The output folder gets the teacher's stories, the run with
 * its checkpoints and model/, the run's events and the loss curve. Started again on the same folder it goes on.
 */
const { values } = parseArgs({
  options: { stories: { type: "string" }, teacher: { type: "string" }, output: { type: "string" } },
});
const { stories, teacher: teacherFolder, output } = values;
if (!stories || !teacherFolder || !output) throw new Error("Say --stories FILE, --teacher FOLDER and --output FOLDER.");

mkdirSync(output, { recursive: true });
const teacherStories = join(output, "teacher.txt");
const teacher = new Teacher(teacherFolder, await openProvider("auto"));
await writeTeacherStories(teacherStories, teacher, beginningsOf(humanStories(stories, holdOutFrom)), teacherText);
await teacher.dispose();

const eventsFile = join(output, "events.jsonl");
for await (const event of train(starterConfig(stories, teacherStories, join(output, "run")))) {
  appendFileSync(eventsFile, `${JSON.stringify(event)}\n`);
  if (event.type === "eval") process.stdout.write(`step ${event.step}: ${JSON.stringify(event.metrics)}\n`);
  if (event.type === "done") process.stdout.write(`the model is in ${event.modelPath}\n`);
}
const events = existsSync(eventsFile) ? readFileSync(eventsFile, "utf8").trim().split("\n") : [];
writeFileSync(join(output, "loss.svg"), lossCurve(events.map((line) => JSON.parse(line) as RunEvent)));
