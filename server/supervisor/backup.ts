import { resolve } from "node:path";
import { writeBackup } from "../backup/write";
import { readEnv } from "../env";
import { onePath, tell } from "./command";

const usage = "npm run backup -- FILE.zip";

/** `npm run backup -- FILE`: database, snapshots and models in one file, while the server runs. */
tell(async () => {
  const { path } = onePath(usage, {});
  const file = resolve(process.env.INIT_CWD ?? ".", path);
  const { files, missing } = await writeBackup(readEnv(), file);
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  console.log(
    `${file} holds ${files.length} files of ${(bytes / 1e6).toFixed(1)} MB. Keep it safe: who has it can sign in.`,
  );
  for (const path of missing) console.error(`${path} is named in the database but is not there; it was left out.`);
});
