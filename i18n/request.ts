import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { chooseLocale, localeCookie } from "./locale";
import { namespaces } from "./namespaces";

export default getRequestConfig(async () => {
  const locale = chooseLocale((await cookies()).get(localeCookie)?.value, (await headers()).get("accept-language"));
  const entries = await Promise.all(
    namespaces.map(async (name) => [name, (await import(`../messages/${locale}/${name}.json`)).default] as const),
  );
  return { locale, timeZone: "UTC", messages: Object.fromEntries(entries) };
});
