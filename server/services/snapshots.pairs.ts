import { createHash } from "node:crypto";
import { setImmediate as breathe } from "node:timers/promises";
import { openDb } from "@/db/client";
import { type JudgedItem, listJudgedItems, listLabelled } from "@/db/queries/snapshots.queries";
import type { CompletionExample, PreferenceExample } from "@/trainer/contracts/example";
import type { Message } from "@/trainer/contracts/message";
import { isRuleKey } from "../domain/demo/disclosure";
import { type CombinationRule, combine, type ExclusionReason } from "../domain/preference";

export type Split = "train" | "test";
/** An answer that is empty can be judged, but there is nothing in it to learn to say. */
type SnapshotExclusion = ExclusionReason | "empty_response";

export interface SnapshotCounts {
  trainPairs: number;
  testPairs: number;
  /** Single responses with a label. */
  trainResponses: number;
  testResponses: number;
  prompts: number;
  judgements: number;
  /** How many of them a rule made. */
  ruleJudgements: number;
  excluded: Partial<Record<SnapshotExclusion, number>>;
}

export type SnapshotResponse = { readonly split: Split; readonly response: CompletionExample };
export type SnapshotPair = { readonly split: Split; readonly example: PreferenceExample };

const pageSize = 500;

/** A prompt's split follows from seed and prompt alone: all its pairs are on one side, and stay there as votes come in. */
function splitOf(promptHash: string, { splitSeed, testShare }: CombinationRule): Split {
  const fraction = createHash("sha256").update(`${splitSeed}:${promptHash}`).digest().readUIntBE(0, 6) / 2 ** 48;
  return fraction < testShare ? "test" : "train";
}

const plain = (messages: readonly Message[]): Message[] => messages.map(({ role, content }) => ({ role, content }));
const isEmpty = (messages: readonly Message[]): boolean => messages.every(({ content }) => content.trim() === "");

/** Whether a judgement that stands counts under a rule: those from files may be left out. */
export const isCounted = (
  { importId, annotatorId }: { importId: string | null; annotatorId: string | null },
  { useImported }: Pick<CombinationRule, "useImported">,
): boolean => useImported || (importId === null && annotatorId !== null);

function pairOf(
  row: JudgedItem,
  rule: CombinationRule,
): { reason: SnapshotExclusion } | { example: PreferenceExample; judgements: number; ruleJudgements: number } {
  const counted = row.judgements.filter((said) => isCounted(said, rule));
  const combined = combine(counted, rule);
  if (combined.kind === "excluded") return { reason: combined.reason };
  if (isEmpty(row.a) || isEmpty(row.b)) return { reason: "empty_response" };
  const [chosen, rejected] = combined.chosen === "a" ? [row.a, row.b] : [row.b, row.a];
  const { probability, strength, judgements } = combined;
  return {
    example: {
      id: row.id,
      promptId: row.promptHash,
      prompt: plain(row.prompt),
      chosen: plain(chosen),
      rejected: plain(rejected),
      probability,
      strength,
    },
    judgements,
    ruleJudgements: counted.filter(({ annotatorKey }) => isRuleKey(annotatorKey)).length,
  };
}

/** Where a snapshot's rows go. */
export interface SnapshotSink {
  write(pairs: readonly SnapshotPair[]): Promise<void>;
  writeResponses(responses: readonly SnapshotResponse[]): Promise<void>;
}

/**
 * A project's pairs by the rule, in the order of their content, and then its labelled responses (which came in with files, so
 * they go with imported judgements), handed to `sink` one page at a time. Reads through a connection of its own inside one
 * read transaction: votes that come in meanwhile neither wait nor slip in.
 */
export async function collectPairs(
  databaseFile: string,
  projectId: string,
  rule: CombinationRule,
  sink?: SnapshotSink,
): Promise<SnapshotCounts> {
  const reader = openDb(databaseFile, { durability: "normal" });
  const counts: SnapshotCounts = {
    trainPairs: 0,
    testPairs: 0,
    trainResponses: 0,
    testResponses: 0,
    prompts: 0,
    judgements: 0,
    ruleJudgements: 0,
    excluded: {},
  };
  try {
    // The order of hashes is no order on the disk: pages are visited here and there.
    reader.$client.pragma("cache_size = -65536");
    // A million prompts in a Set would take the web process 150 MB.
    reader.$client.exec("CREATE TEMP TABLE seen (prompt BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN");
    const see = reader.$client.prepare("INSERT OR IGNORE INTO temp.seen VALUES (unhex(?))");
    for (let after = ""; ; ) {
      const page = listJudgedItems(reader, projectId, after, pageSize);
      const pairs: SnapshotPair[] = [];
      for (const row of page) {
        const result = pairOf(row, rule);
        if ("reason" in result) {
          counts.excluded[result.reason] = (counts.excluded[result.reason] ?? 0) + 1;
          continue;
        }
        const split = splitOf(row.promptHash, rule);
        counts[split === "test" ? "testPairs" : "trainPairs"] += 1;
        counts.judgements += result.judgements;
        counts.ruleJudgements += result.ruleJudgements;
        counts.prompts += see.run(row.promptHash).changes;
        pairs.push({ split, example: result.example });
      }
      await sink?.write(pairs);
      await breathe();
      if (page.length < pageSize) break;
      after = page.at(-1)?.contentHash ?? "";
    }
    for (let after = ""; rule.useImported; ) {
      const page = listLabelled(reader, projectId, after, pageSize);
      const responses = page.map(({ id, promptHash, prompt, response, desirable }): SnapshotResponse => {
        const split = splitOf(promptHash, rule);
        counts[split === "test" ? "testResponses" : "trainResponses"] += 1;
        counts.prompts += see.run(promptHash).changes;
        const completion = plain(response);
        return { split, response: { id, promptId: promptHash, prompt: plain(prompt), completion, label: desirable } };
      });
      await sink?.writeResponses(responses);
      await breathe();
      if (page.length < pageSize) break;
      after = page.at(-1)?.contentHash ?? "";
    }
  } finally {
    reader.$client.close();
  }
  return counts;
}
