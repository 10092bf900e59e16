import { z } from "zod";
import { credentialsSchema } from "@/server/auth/credentials";
import { handle, limitAddress, readJson, signedIn } from "@/server/http/route";
import { join } from "@/server/services/join.service";

const joining = credentialsSchema.extend({ token: z.string().min(1).max(200) });

/** Joins a project by an invite, with a new account or the one they have, and signs in. */
export const POST = (request: Request): Promise<Response> =>
  handle(request, async (context) => {
    limitAddress(request, context);
    const { userId, projectId } = await join(context.app.db, await readJson(request, joining));
    return signedIn(request, context, userId, { projectId });
  });
