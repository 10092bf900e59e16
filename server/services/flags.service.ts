import { randomUUID } from "node:crypto";
import { type Db, writeTx } from "@/db/client";
import { insertFlag, resolveFlag } from "@/db/queries/flags.queries";
import { findAssignment } from "@/db/queries/judgements.queries";
import { DomainError } from "../domain/errors";
import type { ProblemKind } from "../domain/judging";
import type { Access } from "./access";

export interface Report {
  /** Made by the client; sending it again stores nothing twice. */
  readonly submissionId: string;
  readonly assignmentId: string;
  readonly problem: ProblemKind;
  readonly note: string | null;
}

/** Reports a problem with a pair that was given to this annotator. The pair stays theirs to judge or to skip. */
export function reportProblem(db: Db, access: Access, report: Report, now = new Date()): void {
  const { projectId, userId: annotatorId } = access;
  writeTx(db, (tx) => {
    const lease = findAssignment(tx, projectId, annotatorId, report.assignmentId);
    if (!lease) throw new DomainError("not_found", { what: "assignment" });
    const { submissionId, problem, note } = report;
    const { itemId } = lease;
    insertFlag(tx, { id: randomUUID(), projectId, itemId, annotatorId, problem, note, submissionId, createdAt: now });
  });
}

/** Notes that a report has been seen to. */
export function settleProblem(db: Db, { projectId, userId }: Access<"admin">, flagId: string, now = new Date()): void {
  writeTx(db, (tx) => {
    if (!resolveFlag(tx, projectId, flagId, userId, now)) throw new DomainError("not_found", { what: "flag" });
  });
}
