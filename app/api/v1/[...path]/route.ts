/** The REST API, for programs with a project's token. */
export {
  answerApi as DELETE,
  answerApi as GET,
  answerApi as PATCH,
  answerApi as POST,
  answerApi as PUT,
} from "@/server/api/answer";

export const dynamic = "force-dynamic";
