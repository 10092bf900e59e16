"use client";
import type { ReactNode } from "react";
import { Table, Td, Th } from "@/app/_ui/Table";
import type { Compared } from "./compareCurves";
import { RunMark } from "./RunMark";

interface Row {
  readonly key: string;
  readonly head: ReactNode;
  /** One for each run. */
  readonly cells: readonly ReactNode[];
}

interface Props {
  label: string;
  /** What the first column names. */
  corner: string;
  runs: readonly Compared[];
  rows: readonly Row[];
}

/** A table with a column for each compared run. */
export function ComparedTable({ label, corner, runs, rows }: Props) {
  return (
    <Table label={label}>
      <thead>
        <tr>
          <Th>{corner}</Th>
          {runs.map(({ run }, index) => (
            <Th key={run.id}>
              <RunMark index={index} />
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, head, cells }) => (
          <tr key={key}>
            <Td className="whitespace-nowrap">{head}</Td>
            {runs.map(({ run }, index) => (
              <Td key={run.id} className="whitespace-nowrap">
                {cells[index] ?? <span className="text-muted">–</span>}
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
