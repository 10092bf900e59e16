"use client";
import { useFormatter, useNow } from "next-intl";

/** "3 minutes ago", with the exact time on hover and for machines. */
export function RelativeTime({ date }: { date: Date }) {
  const format = useFormatter();
  const now = useNow({ updateInterval: 30_000 });
  return (
    <time
      dateTime={date.toISOString()}
      title={format.dateTime(date, { dateStyle: "medium", timeStyle: "medium" })}
      suppressHydrationWarning
    >
      {format.relativeTime(date, date > now ? date : now)}
    </time>
  );
}
