import type { StageReport } from "../model/report.ts";
import { ledgerTable } from "../report/tables/ledger-table.ts";
import { CellView } from "./lines.tsx";

/** The rows behind the wall-time bar, which add up to it; closed until asked for. */
export function LedgerView({ stage }: { readonly stage: StageReport }) {
  const table = ledgerTable(stage);
  if (table.rows.length === 0) return null;
  return (
    <details class="ledger">
      <summary>{table.title}, row by row</summary>
      <table class="inner">
        <thead>
          <tr>
            {table.columns.map(({ title, align }) => (
              <th key={title} scope="col" class={align === "right" ? "right" : undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((cells, row) => (
            <tr key={`${row}`}>
              {cells.map((cell, at) => (
                <td
                  key={`${at}`}
                  class={table.columns[at]!.align === "right" ? "right num" : undefined}
                >
                  <CellView cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
