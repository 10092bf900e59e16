/** Every table, for drizzle's client and for drizzle-kit. */
export * from "./additions";
export * from "./audit";
export * from "./compressions";
export * from "./datasets";
export * from "./guidance";
export * from "./identity";
export * from "./inference";
export * from "./integrations";
export * from "./items";
export * from "./machine";
export * from "./runs";
export * from "./tasks";
