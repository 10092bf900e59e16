import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

export type Lesson = inferRouterOutputs<AppRouter>["learn"]["lesson"];
export type LessonPair = NonNullable<Lesson["pair"]>;
export type LessonPolicy = Lesson["policies"][number];
export type LessonReward = Lesson["rewards"][number];
