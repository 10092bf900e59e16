import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { item, response } from "@/db/schema/items";
import { judgement } from "@/db/schema/tasks";
import { openProject } from "./dataHelpers";

const folder = process.env.TIEBREAK_REAL_DATA ?? "";
const real = (name: string) => join(folder, name);
const has = (name: string) => folder !== "" && existsSync(real(name));

const pandalm = "pandalm/testset-v1.json";
describe.skipIf(!has(pandalm))("PandaLM's test set (set TIEBREAK_REAL_DATA to run)", () => {
  test("999 pairs and 2,997 human labels come in, again nothing, under another name nothing", async () => {
    const p = openProject({ overlap: 3 });
    const importId = await p.upload("testset-v1.json", readFileSync(real(pandalm)));
    const preview = await p.preview(importId);
    expect(preview).toMatchObject({ format: "json", shape: "pandalm", total: 999, usable: 999, problemCount: 0 });
    expect(preview.rows[0]).toMatchObject({ modelA: "bloom-7b", modelB: "llama-7b" });
    const added = await p.commit(importId);
    expect(added).toMatchObject({
      rowsRead: 999,
      itemsAdded: 999,
      itemsKnown: 0,
      judgementsAdded: 2997,
      rowsRefused: 0,
    });
    for (const name of ["testset-v1.json", "copy of testset.json"]) {
      const again = await p.bring(name, readFileSync(real(pandalm)));
      expect(again).toMatchObject({ itemsAdded: 0, itemsKnown: 999, judgementsAdded: 0, rowsRefused: 0 });
    }
    expect(p.db.select().from(item).all()).toHaveLength(999);
    expect(p.db.select().from(response).all()).toHaveLength(1998);
    const rows = p.db.select().from(judgement).all();
    // Counted in the file with another program: 1,416 times response 2, 1,255 times response 1, 326 ties.
    const count = (verdict: number) => rows.filter((row) => row.verdict === verdict).length;
    expect([count(-2), count(0), count(2)]).toEqual([427 + 417 + 411, 97 + 116 + 113, 475 + 466 + 475]);
    expect(new Set(rows.map((row) => row.annotatorKey))).toEqual(
      new Set([1, 2, 3].map((n) => `import:testset-v1:annotator${n}`)),
    );
  });
});

const dpo = "formats/dpo_en_demo.json";
describe.skipIf(!has(dpo))("LLaMA-Factory's DPO demo (set TIEBREAK_REAL_DATA to run)", () => {
  test("all 300 rows are usable; five of them are repeats, so there are 295 pairs", async () => {
    const p = openProject();
    const importId = await p.upload("dpo_en_demo.json", readFileSync(real(dpo)));
    expect(await p.preview(importId)).toMatchObject({ shape: "sharegpt_ranking", total: 300, usable: 300 });
    expect(await p.commit(importId)).toMatchObject({
      rowsRead: 300,
      itemsAdded: 295,
      itemsKnown: 5,
      judgementsAdded: 295,
      rowsRefused: 0,
    });
  });
});
