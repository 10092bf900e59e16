import { openDb } from "@/db/client";
import { readSecret } from "@/server/auth/secret";
import { join } from "@/server/services/join.service";

/** One person who joins, in a process of its own that a test can kill. Prints the secret it saw and "joined". */
const [file, folder, token, email, password] = process.argv.slice(2) as [string, string, string, string, string];
const db = openDb(file, { durability: "full" });
console.log(readSecret(folder));
await join(db, { token, name: "Kim", email, password });
console.log("joined");
