import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "@/server/trpc/appRouter";

type Outputs = inferRouterOutputs<AppRouter>;
export type Token = Outputs["tokens"]["list"]["tokens"][number];
export type WebhookRow = Outputs["webhooks"]["list"]["webhooks"][number];
export type Delivery = Outputs["webhooks"]["deliveries"]["deliveries"][number];
