import type { ComponentChildren } from "preact";
import { inert } from "../../report/document/inert.ts";
import { share, type TimeFormat } from "../../report/numbers.ts";
import { familyOf } from "../families.ts";
import type { TableColumn } from "./data-table.tsx";

/** A column of numbers: sorted by them, shown as `format` says. */
export function numbers<Row>(
  id: string,
  title: string,
  value: (row: Row) => number,
  format: (value: number) => ComponentChildren,
): TableColumn<Row> {
  return { id, title, isNumber: true, value, cell: (row) => format(value(row)) };
}

/** A share with a bar beside it that the largest one fills. */
export function shares<Row>(
  id: string,
  title: string,
  value: (row: Row) => number,
  largest = 100,
): TableColumn<Row> {
  return numbers(id, title, value, (pct) => <Meter pct={pct} whole={largest} />);
}

/** What a row saves at most, a dash for nothing. */
export function savings<Row>(time: TimeFormat, savedUs: (row: Row) => number): TableColumn<Row> {
  return numbers("saves", "At most saves", savedUs, (us) => (us > 0 ? `≤ ${time(us)}` : "–"));
}

/** The name of a kernel; it stands in the row's opener. */
export function named<Row>(
  id: string,
  title: string,
  value: (row: Row) => string,
): TableColumn<Row> {
  return { id, title, value, cell: () => null };
}

/** The category with the colour it has in pictures. */
export function categories<Row extends { readonly category: string }>(): TableColumn<Row> {
  return {
    id: "category",
    title: "Category",
    value: (row) => row.category,
    cell: ({ category }) => (
      <span class="category">
        <i class={`swatch fam-${familyOf(category)}`} aria-hidden="true" /> {inert(category)}
      </span>
    ),
  };
}

/** A share as a number and a bar behind it; `whole` is what fills the bar. */
function Meter({ pct, whole = 100 }: { readonly pct: number; readonly whole?: number }) {
  return (
    <span class="meter">
      <span class="meter-bar" aria-hidden="true">
        <i style={{ width: `${Math.min(100, (100 * pct) / Math.max(whole, 0.01))}%` }} />
      </span>
      <span class="num">{share(pct)}</span>
    </span>
  );
}
