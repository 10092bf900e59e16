import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { startVisit, type Visit } from "./visit";

/**
 * A visit told in the tests of one file: each goes on where the one before ended, so after a failure the rest is skipped,
 * and the failed one leaves pictures of its pages.
 */
export function story(): () => Visit {
  let visit: Visit | undefined;
  let broken = false;
  beforeAll(async () => {
    visit = await startVisit();
  });
  beforeEach(({ skip }) => skip(broken, "the story broke off before"));
  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail") return;
    broken = true;
    await visit?.photograph(task.name);
  });
  afterAll(() => visit?.end());
  return () => {
    if (!visit) throw new Error("The product runs only while tests do.");
    return visit;
  };
}
