"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useMemo } from "react";
import { Card } from "@/app/_ui/Card";
import { Chart } from "@/app/_ui/Chart";

/** Votes on each of the last days, in UTC. */
export function VotesChart({ days }: { days: readonly { readonly day: string; readonly votes: number }[] }) {
  const t = useTranslations("overview");
  const format = useFormatter();
  const x = useMemo(() => days.map((_, index) => index), [days]);
  const series = useMemo(
    () => [{ label: t("votes"), values: days.map((day) => day.votes), kind: "bars" as const }],
    [days, t],
  );
  const total = days.reduce((sum, day) => sum + day.votes, 0);
  const sayDay = (index: number) => {
    const day = days[index]?.day;
    return day
      ? format.dateTime(new Date(`${day}T00:00:00Z`), { month: "short", day: "numeric", timeZone: "UTC" })
      : "";
  };
  return (
    <Card>
      <Chart
        label={t("votesPerDay")}
        xLabel={t("day")}
        x={x}
        series={series}
        height={196}
        yRange={total === 0 ? yWhenEmpty : yFromZero}
        formatX={sayDay}
        formatY={(value) => format.number(value)}
        note={t("votesPerDayHint", { count: total, days: days.length })}
      />
    </Card>
  );
}

const yFromZero = [0, null] as const;
const yWhenEmpty = [0, 5] as const;
