import { expect, test } from "vitest";
import { Turns } from "@/server/worker/turns";

/** A clock that only work moves: what is counted does not depend on how busy the machine is. */
let clock = 0;
const work = (ms: number) => async () => {
  clock += ms;
};

test("answers get about as long as training's last turn, and never keep it waiting longer than 150 ms", async () => {
  const turns = new Turns(() => clock);
  const order: string[] = [];
  let answering = true;
  const answers = ["a", "b"].map(async (name) => {
    while (answering) {
      await turns.take("answers", work(10));
      order.push(name);
    }
  });
  for (let step = 0; step < 3; step++) {
    await turns.take("training", work(60));
    order.push("T");
  }
  answering = false;
  await Promise.all(answers);
  const between = order.join("").split("T").slice(1, 3);
  for (const part of between) {
    // 60 ms in turns of 10 ms.
    expect(part.length).toBe(6);
    expect(part).toMatch(/^(ab|ba)+[ab]?$/);
  }
});

test("one thing at a time; a turn that throws frees the machine", async () => {
  const turns = new Turns();
  let inside = 0;
  const alone = async () => {
    inside += 1;
    expect(inside).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
  };
  const failing = turns.take("training", async () => {
    throw new Error("no memory");
  });
  const rest = [turns.take("answers", alone), turns.take("training", alone), turns.take("answers", alone)];
  await expect(failing).rejects.toThrow("no memory");
  await Promise.all(rest);
});
