import { existsSync } from "node:fs";
import { openDb } from "@/db/client";
import { printableAdminLink } from "../auth/adminLink";
import { readEnv } from "../env";
import { StartProblem } from "./checks";

/** `npm run admin-link`: a new one-time sign-in link for an administrator who has lost the way in. */
function main(): void {
  const env = readEnv();
  if (!existsSync(env.databaseFile)) {
    throw new StartProblem(`There is no Tiebreak data in ${env.dataDir} yet. Run npm start first.`);
  }
  const db = openDb(env.databaseFile, { durability: "full" });
  console.log(printableAdminLink(db, env.publicUrl, { force: true }));
  db.$client.close();
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
