import { getApp } from "@/server/app";
import { answerAuth } from "@/server/auth/http";

const answer = (request: Request): Promise<Response> => answerAuth(getApp(), request);

export { answer as GET, answer as POST };
