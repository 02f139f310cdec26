import type { Report } from "../model/report.ts";
import type { Cell, Table } from "../report/table.ts";
import { NOTHING } from "../report/table.ts";
import { actionsTable } from "../report/tables/actions-table.ts";
import { CellView } from "./lines.tsx";

/** What to do first, as cards: the page's first screen. */
export function ActionsView({ report }: { readonly report: Report }) {
  const table = actionsTable(report);
  return (
    <section class="actions">
      <h2>{table.title}</h2>
      {table.rows.length === 0 ? <p>{table.empty}</p> : null}
      <ol>
        {table.rows.map((cells, at) => (
          <Card
            key={report.actions[at]!.id}
            id={report.actions[at]!.id}
            table={table}
            cells={cells}
          />
        ))}
      </ol>
    </section>
  );
}

interface CardProps {
  readonly id: string;
  readonly table: Table;
  readonly cells: readonly Cell[];
}

/** Title, saving and advice in sight; where, how sure and the source below when opened. */
function Card({ id, table, cells }: CardProps) {
  const [, title, saves, share, advice, ...evidence] = cells;
  return (
    <li class="card" id={`action-${id}`}>
      <p class="saves">
        <b class="num">
          <CellView cell={saves!} />
        </b>
        <span class="dim num">
          <CellView cell={share!} />
        </span>
      </p>
      <div class="what">
        <CellView cell={title!} />
        <CellView cell={advice!} />
        <details>
          <summary>Where, how sure, source</summary>
          <dl>
            {evidence.map((cell, at) =>
              cell === NOTHING ? null : (
                <div key={`${at}`}>
                  <dt>{table.columns[5 + at]!.title}</dt>
                  <dd>
                    <CellView cell={cell} />
                  </dd>
                </div>
              ),
            )}
          </dl>
        </details>
      </div>
    </li>
  );
}
