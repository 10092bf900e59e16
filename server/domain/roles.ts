export const projectRoles = ["annotator", "admin", "owner"] as const;
export type ProjectRole = (typeof projectRoles)[number];

const rank: Record<ProjectRole, number> = { annotator: 0, admin: 1, owner: 2 };

/** Each role may do what the ones below it may. */
export const atLeast = (role: ProjectRole, needed: ProjectRole): boolean => rank[role] >= rank[needed];
