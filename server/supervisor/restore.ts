import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { restoreBackup } from "../backup/read";
import { readEnv } from "../env";
import { onePath, tell } from "./command";

/** This file runs as dist/restore.mjs. */
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const usage = "npm run restore -- FILE.zip [--replace]";

/** `npm run restore -- FILE [--replace]`: puts a backup into the data folder. */
tell(async () => {
  const { path, flags } = onePath(usage, { replace: { type: "boolean", default: false } });
  const { dataDir } = readEnv();
  const options = { replace: flags.replace === true, migrationsFolder: join(root, "migrations") };
  const { manifest, before } = await restoreBackup(resolve(process.env.INIT_CWD ?? ".", path), dataDir, options);
  console.log(`${dataDir} is as it was at ${manifest.createdAt}: ${manifest.files.length} files, all checked.`);
  if (before) console.log(`What was there before is in ${before}.`);
});
