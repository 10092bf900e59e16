// `npm run bench:page`: milliseconds from a verdict's key to the frame that shows the next pair, on pairs whose answers
// have 2,000 words each, at the pace of somebody who reads and at the fastest that the page takes for two verdicts.
import type { Page } from "playwright-core";
import { nothingLeft, promptText } from "../e2e/steps/compare";
import { ada, setUp } from "../e2e/steps/people";
import { createProject, importRows } from "../e2e/steps/projects";
import { startVisit } from "../helpers/visit";
import { hardware } from "./hardware";
import { quantile } from "./quantile";

const votes = 60;
const words = 2_000;
const paces = { reading: 1_200, hasty: 350 };

const vocabulary = "time year people way day man thing woman life child world school state family student group".split(
  " ",
);

/** Headings, lists, a table and code between the paragraphs, as models write. */
function longAnswer(seed: number): string {
  const parts: string[] = [];
  for (let word = 0, block = 0; word < words; word += 50, block++) {
    const text = Array.from({ length: 50 }, (_, i) => vocabulary[(seed + 7 * word + 3 * i) % vocabulary.length]);
    const kind = block % 8;
    if (kind === 2) parts.push(`## Part ${block}`, text.join(" "));
    else if (kind === 4) parts.push(text.map((w, i) => (i % 10 === 0 ? `\n- **${w}**` : w)).join(" "));
    else if (kind === 6) parts.push(`\`\`\`js\n${text.join("\n")}\n\`\`\``);
    else if (kind === 7)
      parts.push(
        `| a | b |\n|---|---|\n${text
          .slice(0, 25)
          .map((w, i) => `| ${w} | ${text[i + 25]} |`)
          .join("\n")}`,
      );
    else parts.push(text.join(" "));
  }
  return parts.join("\n\n");
}

/** Milliseconds from the key press until the first frame with another prompt has been laid out and painted. */
async function keyToNextPair(page: Page, key: string): Promise<number> {
  const measuring = await page.evaluateHandle((wanted) => {
    const shown = () => document.querySelector("[data-testid=prompt]")?.textContent ?? "";
    const before = shown();
    const done = new Promise<number>((resolve) => {
      function onKeyDown(event: KeyboardEvent) {
        if (event.key !== wanted) return;
        const frame = () => {
          if (shown() === before || shown() === "") return requestAnimationFrame(frame);
          // A message sent from a frame's callback is read once that frame has been painted.
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(performance.now() - event.timeStamp);
          port2.postMessage(null);
        };
        requestAnimationFrame(frame);
      }
      addEventListener("keydown", onKeyDown, { once: true, capture: true });
    });
    return { done };
  }, key);
  await page.keyboard.press(key);
  return measuring.evaluate(({ done }) => done);
}

const visit = await startVisit();
try {
  const { page, context } = await visit.person();
  // tsx keeps functions' names by a call that only Node has; here they run in the page.
  await context.addInitScript("globalThis.__name = (named) => named");
  await setUp(page, visit.product.signInLink, ada);
  const project = await createProject(page, "Long answers");
  const count = (votes + 1) * Object.keys(paces).length;
  const rows = Array.from({ length: count }, (_, i) => ({
    prompt: `Question ${i}: what follows from this?`,
    response_a: longAnswer(i),
    response_b: longAnswer(i + 5),
  }));
  await importRows(page, project, rows);
  console.log(hardware(), `· Chromium ${context.browser()?.version()}`);
  await page.goto(`${project}/compare`);
  for (const [name, pace] of Object.entries(paces)) {
    const times: number[] = [];
    for (let i = 0; i < votes; i++) {
      await promptText(page).waitFor();
      await page.keyboard.press("End");
      await page.waitForTimeout(pace);
      times.push(await keyToNextPair(page, "2"));
    }
    times.sort((a, b) => a - b);
    const [p50, p95, worst] = [0.5, 0.95, 1].map((share) => quantile(times, share).toFixed(0));
    console.log(
      `${name} (a verdict every ${pace} ms): p50 ${p50} ms, p95 ${p95} ms, worst ${worst} ms over ${votes} votes`,
    );
  }
  if (await nothingLeft(page).isVisible()) throw new Error("The pairs ran out before the end.");
} finally {
  await visit.end();
}
