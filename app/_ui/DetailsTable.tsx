"use client";
import { type ReactNode, useState } from "react";
import { Table, Td, Th } from "./Table";

interface Props {
  /** What opens the table. */
  summary: string;
  label: string;
  head: readonly string[];
  /** Asked for only when somebody opens it. The order of the rows never changes. */
  rows: () => readonly (readonly ReactNode[])[];
}

/** Numbers as text behind a line that opens them: for those who cannot see the picture or want them exact. */
export function DetailsTable({ summary, label, head, rows }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="inline-flex min-h-6 items-center text-[13px] text-muted hover:text-ink pointer-coarse:min-h-11">
        {summary}
      </summary>
      {open ? (
        <div className="mt-1 max-h-96 overflow-y-auto rounded-md border border-line">
          <Table label={label}>
            <thead>
              <tr>
                {head.map((name) => (
                  <Th key={name}>{name}</Th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows().map((cells, row) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
                <tr key={row}>
                  {cells.map((cell, column) => (
                    <Td key={head[column]}>{cell}</Td>
                  ))}
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      ) : null}
    </details>
  );
}
