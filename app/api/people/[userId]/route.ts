import { handle, requireUser } from "@/server/http/route";
import { authorize } from "@/server/services/access";
import { getPersonalData } from "@/server/services/erasure.service";

/** Everything that a project knows of one person, as a JSON file. */
export function GET(request: Request, { params }: { params: Promise<{ userId: string }> }): Promise<Response> {
  return handle(request, async (context) => {
    const { db } = context.app;
    const projectId = new URL(request.url).searchParams.get("projectId") ?? "";
    const access = authorize(db, requireUser(context).id, projectId, "owner");
    const { userId } = await params;
    const data = getPersonalData(db, access, userId);
    return new Response(`${JSON.stringify(data, null, 2)}\n`, {
      headers: {
        "content-type": "application/json",
        "content-disposition": 'attachment; filename="personal-data.json"',
        "cache-control": "no-store",
      },
    });
  });
}
