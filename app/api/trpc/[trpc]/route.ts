/** The product's own server answers these paths before Next (server/web/trpcHandler.ts); this is for Next without it. */
export { answerTrpc as GET, answerTrpc as POST } from "@/server/http/trpc";
