import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

type Outputs = inferRouterOutputs<AppRouter>["imports"];
export type ImportSummary = Outputs["list"]["imports"][number];
export type ImportDetail = Outputs["get"];
type ImportPreview = Outputs["preview"];
export type PreviewRow = ImportPreview["rows"][number];
export type PreviewResponse = ImportPreview["responses"][number];
