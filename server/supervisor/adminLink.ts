import { openDb } from "@/db/client";
import { printableAdminLink } from "../auth/adminLink";
import { readEnv } from "../env";

/** `npm run admin-link`: a fresh one-time sign-in link for the administrator, also when a password is set. */
const env = readEnv();
const db = openDb(env.databaseFile, { durability: "full" });
console.log(printableAdminLink(db, env.publicUrl, { force: true }));
db.$client.close();
