import { z } from "zod";
import { handle, limitAddress, readJson, signedIn } from "@/server/http/route";
import { redeemLink } from "@/server/services/signInLinks.service";

const redeeming = z.object({ token: z.string().min(1).max(200) });

/** Uses up a one-time link and signs in. Only POST does: mail scanners and previews open links, too. */
export const POST = (request: Request): Promise<Response> =>
  handle(request, async (context) => {
    limitAddress(request, context);
    const { token } = await readJson(request, redeeming);
    const { userId, purpose } = redeemLink(context.app.db, token);
    return signedIn(request, context, userId, { purpose });
  });
