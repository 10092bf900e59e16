import { expect, test } from "vitest";
import { withoutPlaces } from "@/server/worker/context";

const places = { dataDir: "/srv/tiebreak/data", starterDir: "/opt/tiebreak/trainer/starter" };

test("of a path in the data folder the part inside is told, of the starter's its name", () => {
  const said =
    "/srv/tiebreak/data/snapshots/c0ffee/train.jsonl, line 3: not JSON. /opt/tiebreak/trainer/starter is whole.";
  expect(withoutPlaces(places, said)).toBe("snapshots/c0ffee/train.jsonl, line 3: not JSON. starter is whole.");
});
