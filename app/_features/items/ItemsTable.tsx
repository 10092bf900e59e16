"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { RelativeTime } from "@/app/_ui/RelativeTime";
import { Table, Td, Th } from "@/app/_ui/Table";
import { ItemStateBadge } from "./ItemStateBadge";
import type { ItemRow } from "./itemTypes";
import { TallyBar } from "./TallyBar";
import { VotesProgress } from "./VotesProgress";

/** One row an item. Narrow windows keep what one looks for first: the prompt, its votes, its state. */
export function ItemsTable({ projectId, items }: { projectId: string; items: readonly ItemRow[] }) {
  const t = useTranslations("items");
  return (
    <Table label={t("title")}>
      <thead>
        <tr>
          <Th className="w-full">{t("column.prompt")}</Th>
          <Th className="max-2xl:hidden">{t("column.a")}</Th>
          <Th className="max-2xl:hidden">{t("column.b")}</Th>
          <Th>{t("column.votes")}</Th>
          <Th className="max-md:hidden" title={t("column.verdictsHint")}>
            {t("column.verdicts")}
          </Th>
          <Th className="max-sm:hidden">{t("column.state")}</Th>
          <Th className="max-lg:hidden">{t("column.added")}</Th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={item.id} className="relative hover:bg-sunken">
            <Td className="min-w-40 2xl:min-w-72">
              {/* The link's area covers the row. */}
              <Link
                href={`/projects/${projectId}/items/${item.id}`}
                className="line-clamp-2 [overflow-wrap:anywhere] after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
              >
                {item.prompt}
              </Link>
              <span className="mt-1.5 block sm:hidden">
                <ItemStateBadge state={item.state} />
              </span>
            </Td>
            <Td className="max-2xl:hidden">
              <p className="line-clamp-2 w-60 text-muted [overflow-wrap:anywhere]">{item.a}</p>
            </Td>
            <Td className="max-2xl:hidden">
              <p className="line-clamp-2 w-60 text-muted [overflow-wrap:anywhere]">{item.b}</p>
            </Td>
            <Td>
              <VotesProgress votes={item.votes} overlap={item.overlap} />
            </Td>
            <Td className="whitespace-nowrap max-md:hidden">
              <TallyBar verdicts={item.verdicts} />
            </Td>
            <Td className="max-sm:hidden">
              <ItemStateBadge state={item.state} />
            </Td>
            <Td className="whitespace-nowrap text-muted max-lg:hidden">
              <RelativeTime date={item.createdAt} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
