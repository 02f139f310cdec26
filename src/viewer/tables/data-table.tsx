import type { ComponentChildren, VNode } from "preact";
import { Fragment } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { counted } from "../../report/numbers.ts";
import { matches, nextOrder, type Order, sortRows } from "./row-view.ts";

export interface TableColumn<Row> {
  readonly id: string;
  readonly title: string;
  /** What the column is sorted by; numbers stand right. */
  readonly value: (row: Row) => string | number;
  readonly isNumber?: boolean;
  readonly cell: (row: Row) => ComponentChildren;
}

/** A choice of one value among those the rows have. */
interface Facet<Row> {
  readonly title: string;
  readonly of: (row: Row) => string;
}

interface Props<Row> {
  readonly id: string;
  readonly title: string;
  readonly rows: readonly Row[];
  /** Rows of the report beyond the table limit. */
  readonly cut: number;
  readonly empty: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly facets: readonly Facet<Row>[];
  /** Everything a reader may look for. */
  readonly textOf: (row: Row) => string;
  /** What the row stands on. */
  readonly details: (row: Row) => VNode;
  /** Name of the row in the first cell, behind which its evidence opens. */
  readonly name: (row: Row) => string;
  /** Row to open and go to, by name. */
  readonly jump?: string | null;
  readonly onJumped?: (to: null) => void;
}

/** A table that is sorted by its heads, filtered by text and values, and opens its evidence row by row. */
export function DataTable<Row>(props: Props<Row>) {
  const { id, title, rows, columns, textOf, facets } = props;
  const [order, setOrder] = useState<Order | null>(null);
  const [filter, setFilter] = useState("");
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const texts = useMemo(() => rows.map(textOf), [rows]);
  useJump(props, setFilter, setChosen, setOpen);
  if (rows.length === 0)
    return (
      <section>
        <h2 id={id}>{title}</h2>
        <p class="dim">{props.empty}</p>
      </section>
    );
  const kept = [...rows.keys()].filter(
    (at) =>
      matches(texts[at]!, filter) &&
      facets.every(
        ({ title: facet, of }) => (chosen[facet] ?? "") === "" || of(rows[at]!) === chosen[facet],
      ),
  );
  const by = columns.find((column) => column.id === order?.column);
  const shown =
    order === null || by === undefined
      ? kept
      : sortRows(kept, (at) => by.value(rows[at]!), order.descending);
  const toggle = (at: number) => {
    const next = new Set(open);
    if (!next.delete(at)) next.add(at);
    setOpen(next);
  };
  const hidden = rows.length - kept.length;
  return (
    <section aria-labelledby={id}>
      <div class="table-head">
        <h2 id={id}>
          {title} <span class="dim num">{rows.length}</span>
        </h2>
        <div class="filters">
          {facets.map((facet) => (
            <label key={facet.title}>
              {facet.title}{" "}
              <select
                value={chosen[facet.title] ?? ""}
                onChange={(event) =>
                  setChosen({ ...chosen, [facet.title]: event.currentTarget.value })
                }
              >
                <option value="">all</option>
                {[...new Set(rows.map(facet.of))].sort().map((value) => (
                  <option key={value} value={value}>
                    {value}
                  </option>
                ))}
              </select>
            </label>
          ))}
          <label>
            Filter{" "}
            <input
              type="search"
              value={filter}
              onInput={(event) => setFilter(event.currentTarget.value)}
            />
          </label>
          <span class="dim count" role="status">
            {hidden === 0 ? "" : `${counted(hidden, "row")} hidden`}
          </span>
        </div>
      </div>
      <div class="scroll">
        <table class={`rows ${id.split("-").at(-1)}`}>
          <thead>
            <tr>
              {columns.map((column) => (
                <th
                  key={column.id}
                  scope="col"
                  class={`${column.id} ${column.isNumber ? "right" : ""}`}
                  aria-sort={
                    order?.column !== column.id
                      ? "none"
                      : order.descending
                        ? "descending"
                        : "ascending"
                  }
                >
                  <button
                    type="button"
                    onClick={() => setOrder(nextOrder(order, column.id, column.isNumber === true))}
                  >
                    {column.title}
                  </button>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((at) => (
              <Fragment key={at}>
                <tr id={`${id}-${at}`} class={open.has(at) ? "row open" : "row"}>
                  {columns.map((column, index) => (
                    <td
                      key={column.id}
                      class={`${column.id} ${column.isNumber ? "right num" : ""}`}
                    >
                      {index === 0 ? (
                        <button
                          type="button"
                          class="opener"
                          aria-expanded={open.has(at)}
                          onClick={() => toggle(at)}
                        >
                          {props.name(rows[at]!).trim() || "(no name)"}
                        </button>
                      ) : null}
                      {column.cell(rows[at]!)}
                    </td>
                  ))}
                </tr>
                {open.has(at) ? (
                  <tr class="details">
                    <td colSpan={columns.length}>{props.details(rows[at]!)}</td>
                  </tr>
                ) : null}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
      {props.cut === 0 ? null : (
        <p class="dim">{counted(props.cut, "row")} beyond the table limit.</p>
      )}
    </section>
  );
}

/** Opens the row that is asked for by name and goes to it, whatever hid it. */
function useJump<Row>(
  { id, rows, name, jump, onJumped }: Props<Row>,
  setFilter: (to: string) => void,
  setChosen: (to: Readonly<Record<string, string>>) => void,
  setOpen: (to: (before: ReadonlySet<number>) => ReadonlySet<number>) => void,
): void {
  useEffect(() => {
    const at =
      jump === null || jump === undefined ? -1 : rows.findIndex((row) => name(row) === jump);
    if (at < 0) return;
    setFilter("");
    setChosen({});
    setOpen((before) => new Set([...before, at]));
    onJumped?.(null);
    // The row may have been filtered away until the next drawing.
    requestAnimationFrame(() => {
      const row = document.getElementById(`${id}-${at}`);
      row?.scrollIntoView({ block: "center" });
      row?.querySelector("button")?.focus();
    });
  }, [jump]);
}
