import type { ProjectRole } from "@/server/domain/roles";

interface Member {
  readonly role: ProjectRole;
  readonly removed: boolean;
  readonly isMe: boolean;
}

export interface MemberRights {
  readonly setRole: boolean;
  readonly remove: boolean;
  readonly restore: boolean;
  readonly resetLink: boolean;
  /** To take along or erase what the project knows of them. */
  readonly personalData: boolean;
}

/** What the page offers; the server checks again. Admins may not remove their equals, nobody removes themselves here. */
export function memberRights(myRole: ProjectRole, { role, removed, isMe }: Member): MemberRights {
  const owner = myRole === "owner";
  const mayRemove = !isMe && (owner || (myRole === "admin" && role === "annotator"));
  return {
    setRole: owner && !removed,
    remove: mayRemove && !removed,
    restore: mayRemove && removed,
    resetLink: owner && !removed && !isMe,
    personalData: owner && !isMe,
  };
}
