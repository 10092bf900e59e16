"use client";
import { useFormatter, useNow } from "next-intl";

/** A clock that is this much behind still shows what just happened as "now", not as something to come. */
const clockSkewMs = 60_000;

/** "3 minutes ago" or "in 2 weeks", with the exact time on hover and for machines. */
export function RelativeTime({ date }: { date: Date }) {
  const format = useFormatter();
  const now = useNow({ updateInterval: 30_000 });
  const ahead = date.getTime() - now.getTime();
  return (
    <time
      dateTime={date.toISOString()}
      title={format.dateTime(date, { dateStyle: "medium", timeStyle: "medium" })}
      suppressHydrationWarning
    >
      {format.relativeTime(date, ahead > 0 && ahead < clockSkewMs ? date : now)}
    </time>
  );
}
