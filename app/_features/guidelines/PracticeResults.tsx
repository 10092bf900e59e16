"use client";
import { useTranslations } from "next-intl";
import { Card } from "@/app/_ui/Card";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Table, Td, Th } from "@/app/_ui/Table";
import { type Match, matches } from "@/server/domain/reference";
import type { Practice } from "./guidelineTypes";

/** How people did in their practice. */
export function PracticeResults({ people }: { people: Practice["people"] }) {
  const t = useTranslations("guidelines.results");
  return (
    <Card flush title={t("title")} description={t("lead")}>
      {people.length === 0 ? (
        <p className="px-4 py-6 text-muted sm:px-5">{t("empty")}</p>
      ) : (
        <Table label={t("title")}>
          <thead>
            <tr>
              <Th>{t("person")}</Th>
              {matches.map((match) => (
                <Th key={match} className="text-end">
                  {t(`match.${match}`)}
                </Th>
              ))}
              <Th>{t("last")}</Th>
            </tr>
          </thead>
          <tbody>
            {people.map(({ userId, name, results, lastAt }) => (
              <tr key={userId}>
                <Td className="font-medium break-words">{name}</Td>
                {matches.map((match) => (
                  <Td key={match} className="tabular text-end">
                    {results[match]}
                  </Td>
                ))}
                <Td className="whitespace-nowrap">{lastAt ? <RelativeTime date={lastAt} /> : null}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

/** A pair's answers in a line. */
export function PracticeTally({ results }: { results: Readonly<Record<Match, number>> }) {
  const t = useTranslations("guidelines.results");
  const total = matches.reduce((sum, match) => sum + results[match], 0);
  return (
    <span className="tabular">
      {total === 0 ? t("none") : t("tally", { agreed: results.same + results.near, total })}
    </span>
  );
}
