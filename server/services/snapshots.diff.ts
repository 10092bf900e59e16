import { join } from "node:path";
import type { PreferenceExample } from "@/trainer/contracts/example";
import { canonicalJson } from "../domain/imports/identity";
import { type DiffKind, diffKinds, kindOfChange, type PairState } from "../domain/snapshotDiff";
import type { Access } from "./access";
import { readLines } from "./imports.lines";
import { snapshotFolder } from "./snapshots.files";
import type { Split } from "./snapshots.pairs";
import { getSnapshot, type SnapshotStore } from "./snapshots.service";

/** A pair that is not the same in both snapshots, with how each of them has it. */
interface DiffPair {
  readonly kind: DiffKind;
  readonly id: string;
  readonly prompt: PreferenceExample["prompt"];
  /** As the newer of the two that has it says. */
  readonly chosen: PreferenceExample["chosen"];
  readonly rejected: PreferenceExample["rejected"];
  readonly before: Omit<PairState, "chosen"> | null;
  readonly after: Omit<PairState, "chosen"> | null;
}

export interface SnapshotDiff {
  readonly from: { readonly id: string; readonly number: number };
  readonly to: { readonly id: string; readonly number: number };
  /** Whether both were made by the same rule. */
  readonly sameRule: boolean;
  readonly counts: Readonly<Record<DiffKind | "same", number>>;
  readonly pairs: readonly DiffPair[];
  readonly nextOffset: number | null;
}

interface Placed {
  readonly split: Split;
  readonly example: PreferenceExample;
}

async function* pairsOf(snapshotsDir: string, contentHash: string): AsyncGenerator<Placed> {
  for (const split of ["train", "test"] as const)
    for await (const { bytes } of readLines(join(snapshotFolder(snapshotsDir, contentHash), `${split}.jsonl`)))
      yield { split, example: JSON.parse(bytes.toString("utf8")) as PreferenceExample };
}

const stateOf = ({ split, example }: Placed): PairState => ({
  split,
  probability: example.probability,
  strength: example.strength,
  chosen: canonicalJson(example.chosen),
});

const told = ({ chosen: _chosen, ...state }: PairState) => state;

const pairOf = (kind: DiffKind, { example }: Placed, before: PairState | null, after: PairState | null): DiffPair => ({
  kind,
  id: example.id,
  prompt: example.prompt,
  chosen: example.chosen,
  rejected: example.rejected,
  before: before && told(before),
  after: after && told(after),
});

/**
 * What two snapshots of a project have not in common: counts, and a page of the pairs of one kind. Reads both files from
 * their beginning; in memory are the states of one of them.
 */
export async function diffSnapshots(
  { db, snapshotsDir }: SnapshotStore,
  access: Access<"admin">,
  request: { fromId: string; toId: string; kind: DiffKind; offset: number; limit: number },
): Promise<SnapshotDiff> {
  const [from, to] = [getSnapshot(db, access, request.fromId), getSnapshot(db, access, request.toId)];
  const { kind: wanted, offset, limit } = request;
  const counts: Record<DiffKind | "same", number> = {
    ...(Object.fromEntries(diffKinds.map((kind) => [kind, 0])) as Record<DiffKind, number>),
    same: 0,
  };
  const pairs: DiffPair[] = [];
  const note = (kind: DiffKind, make: () => DiffPair) => {
    counts[kind] += 1;
    if (kind === wanted && counts[kind] > offset && pairs.length < limit) pairs.push(make());
  };
  const before = new Map<string, PairState>();
  for await (const placed of pairsOf(snapshotsDir, from.contentHash)) before.set(placed.example.id, stateOf(placed));
  for await (const placed of pairsOf(snapshotsDir, to.contentHash)) {
    const [was, is] = [before.get(placed.example.id) ?? null, stateOf(placed)];
    before.delete(placed.example.id);
    const kind = was ? kindOfChange(was, is) : "added";
    if (kind === "same") counts.same += 1;
    else note(kind, () => pairOf(kind, placed, was, is));
  }
  // What is left is in the older one only.
  if (before.size > 0 && wanted !== "removed") counts.removed = before.size;
  if (before.size > 0 && wanted === "removed")
    for await (const placed of pairsOf(snapshotsDir, from.contentHash)) {
      const was = before.get(placed.example.id);
      if (was) note("removed", () => pairOf("removed", placed, was, null));
    }
  const next = offset + pairs.length;
  return {
    from: { id: from.id, number: from.number },
    to: { id: to.id, number: to.number },
    sameRule: canonicalJson(from.rule) === canonicalJson(to.rule),
    counts,
    pairs,
    nextOffset: next < counts[wanted] ? next : null,
  };
}
