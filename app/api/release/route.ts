import { z } from "zod";
import { mostLeases } from "@/server/domain/leases";
import { handle, readJson, requireUser } from "@/server/http/route";
import { authorize } from "@/server/services/access";
import { releasePairs } from "@/server/services/annotate.service";

const releasing = z.object({
  projectId: z.string().min(1),
  leases: z.array(z.object({ assignmentId: z.string().min(1), leaseToken: z.string().min(1) })).max(mostLeases),
});

/** The beacon of a page that is being closed: gives the pairs it held back at once. */
export const POST = (request: Request): Promise<Response> =>
  handle(request, async (context) => {
    const { id } = requireUser(context);
    const { projectId, leases } = await readJson(request, releasing);
    const { db } = context.app;
    releasePairs(db, authorize(db, id, projectId, "annotator"), leases);
    return new Response(null, { status: 204 });
  });
