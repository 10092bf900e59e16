import { and, eq, isNull, sql } from "drizzle-orm";
import { type DbTx, prepared } from "@/db/client";
import { membership, project } from "@/db/schema/identity";
import { DomainError } from "../domain/errors";
import { atLeast, type ProjectRole } from "../domain/roles";

declare const proof: unique symbol;

/**
 * Proof that a person may act in a project with at least role R. Only `authorize` makes one, so a service that asks for
 * `Access<"admin">` cannot be reached without the check: forgetting it is a type error.
 */
export interface Access<R extends ProjectRole = "annotator"> {
  readonly projectId: string;
  readonly userId: string;
  readonly role: ProjectRole;
  readonly [proof]: Grants[R];
}

/** An owner's proof serves where an admin's is asked, and so on. */
interface Grants {
  annotator: "annotator" | "admin" | "owner";
  admin: "admin" | "owner";
  owner: "owner";
}

const memberOf = prepared((db) =>
  db
    .select({ role: membership.role })
    .from(membership)
    .innerJoin(project, eq(project.id, membership.projectId))
    .where(
      and(
        eq(membership.projectId, sql.placeholder("projectId")),
        eq(membership.userId, sql.placeholder("userId")),
        isNull(membership.revokedAt),
      ),
    )
    .prepare(),
);

/** Checks the membership now. Someone who does not belong to the project gets `not_found`: its existence is not told. */
export function authorize<R extends ProjectRole>(db: DbTx, userId: string, projectId: string, needed: R): Access<R> {
  const row = memberOf(db).get({ projectId, userId });
  if (!row) throw new DomainError("not_found", { what: "project" });
  if (!atLeast(row.role, needed)) throw new DomainError("not_allowed", { needed, role: row.role });
  return { projectId, userId, role: row.role } as Access<R>;
}
