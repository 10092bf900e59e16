import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

type Outputs = inferRouterOutputs<AppRouter>;
export type Person = Outputs["people"]["list"]["people"][number];
export type Erasure = Outputs["people"]["erasure"];
export type Invite = Outputs["invites"]["list"]["invites"][number];
