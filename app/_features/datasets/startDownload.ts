import { postJson } from "@/app/_ui/postJson";

/**
 * Lets the browser download what a route streams. A link alone would save a refusal as a file or show it as raw JSON, so
 * the route is asked first (POST) whether it would give it; the server remembers for a minute what it has found out.
 */
export async function startDownload(url: string): Promise<void> {
  await postJson(url, {});
  window.location.assign(url);
}
