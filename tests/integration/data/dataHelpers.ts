import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { Db } from "@/db/client";
import { membership, project, user } from "@/db/schema/identity";
import type { ImportMapping } from "@/server/domain/imports/mapping";
import { authorize } from "@/server/services/access";
import { commitImport, previewImport } from "@/server/services/imports.service";
import { receiveUpload } from "@/server/services/imports.upload";
import { testDb } from "../../helpers/testDb";

/** A project `p` with an admin, an empty data folder, and ways to bring files in. */
export function openProject({ overlap = 1, projectId = "p" } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "data-"));
  const db = testDb(join(folder, "tiebreak.db"));
  addProject(db, projectId, overlap);
  const access = authorize(db, "admin", projectId, "admin");
  const store = { db, uploadsDir: join(folder, "uploads"), snapshotsDir: join(folder, "snapshots") };
  const upload = async (fileName: string, content: string | Uint8Array): Promise<string> => {
    const body = new Response(content as BodyInit).body;
    return (await receiveUpload(store, access, { fileName, body, announcedBytes: null })).importId;
  };
  const preview = (importId: string, mapping?: ImportMapping) => previewImport(store, access, { importId, mapping });
  const commit = async (importId: string, mapping?: ImportMapping) =>
    commitImport(store, access, { importId, mapping: mapping ?? (await preview(importId)).mapping });
  const bring = async (fileName: string, content: string | Uint8Array, mapping?: ImportMapping) =>
    commit(await upload(fileName, content), mapping);
  const bringFile = (file: string) => bring(basename(file), readFileSync(file));
  return { folder, db, access, store, upload, preview, commit, bring, bringFile };
}

function addProject(db: Db, id: string, overlap: number): void {
  db.insert(user).values({ id: "admin", name: "Admin", email: "admin@example.org" }).run();
  db.insert(project).values({ id, name: "Test", overlap, seed: 5 }).run();
  db.insert(membership).values({ projectId: id, userId: "admin", role: "owner" }).run();
}

export const fixture = (name: string): string => join("tests/fixtures/imports", name);
export const jsonLines = (rows: readonly unknown[]): string => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;
