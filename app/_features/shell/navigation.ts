import { atLeast, type ProjectRole } from "@/server/domain/roles";

/** The pages of a project, in the rail's order, and who sees them. */
const areas = [
  { key: "overview", path: "", needs: "admin" },
  { key: "compare", path: "/compare", needs: "annotator" },
  { key: "items", path: "/items", needs: "admin" },
  { key: "guidelines", path: "/guidelines", needs: "admin" },
  { key: "people", path: "/people", needs: "admin" },
  { key: "datasets", path: "/datasets", needs: "admin" },
  { key: "runs", path: "/runs", needs: "admin" },
  { key: "models", path: "/models", needs: "admin" },
  { key: "playground", path: "/playground", needs: "admin" },
  { key: "learn", path: "/learn", needs: "admin" },
  { key: "settings", path: "/settings", needs: "admin" },
] as const satisfies readonly { key: string; path: string; needs: ProjectRole }[];

export type Area = (typeof areas)[number];
export type AreaKey = Area["key"];

export const areasFor = (role: ProjectRole): readonly Area[] => areas.filter((area) => atLeast(role, area.needs));

export const areaHref = (projectId: string, area: Area): string => `/projects/${projectId}${area.path}`;

/** Where a person lands in a project: those who only vote go straight to the pairs. */
export const homeOf = (projectId: string, role: ProjectRole): string =>
  atLeast(role, "admin") ? `/projects/${projectId}` : `/projects/${projectId}/compare`;

export interface Place {
  readonly projectId: string | null;
  readonly area: AreaKey | null;
}

/** Which project and page an address shows. The import page belongs to the items, the API's to the settings. */
export function readPlace(pathname: string): Place {
  const [, root, projectId, segment] = pathname.split("/");
  if (root !== "projects" || !projectId) return { projectId: null, area: null };
  if (!segment) return { projectId, area: "overview" };
  if (segment === "import") return { projectId, area: "items" };
  if (segment === "api") return { projectId, area: "settings" };
  return { projectId, area: areas.find((area) => area.path === `/${segment}`)?.key ?? null };
}
