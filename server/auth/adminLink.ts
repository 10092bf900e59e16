import { randomUUID } from "node:crypto";
import { type Db, writeTx } from "@/db/client";
import { anybodyThere, findCredentials, findFirstAdmin } from "@/db/queries/identity.queries";
import { user } from "@/db/schema/identity";
import { createLink, linkUrl } from "../services/signInLinks.service";

/** Not an address anybody can sign in with: it stands until the administrator chooses one. */
const placeholderEmail = "admin@localhost";

/** Makes the instance's administrator when there is nobody at all. */
export function ensureFirstAdmin(db: Db): void {
  writeTx(db, (tx) => {
    if (anybodyThere(tx)) return;
    tx.insert(user).values({ id: randomUUID(), name: "Admin", email: placeholderEmail, instanceRole: "admin" }).run();
  });
}

/**
 * A new one-time link for the instance's first administrator; older unused ones stop working. Null once they have a
 * password, unless `force`: then the link lets them choose a new one.
 */
export function printableAdminLink(db: Db, publicUrl: string, { force = false } = {}): string | null {
  return writeTx(db, (tx) => {
    const admin = findFirstAdmin(tx);
    if (!admin) return null;
    const known = findCredentials(tx, admin.id) !== undefined;
    if (known && !force) return null;
    const { token } = createLink(tx, { userId: admin.id, purpose: known ? "reset" : "setup", createdBy: null });
    return linkUrl(publicUrl, token);
  });
}
