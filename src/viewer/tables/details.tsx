import type { ComponentChildren } from "preact";
import type { ReportSource } from "../../model/contracts/report.ts";
import { span } from "../../report/table.ts";
import { sourceLine } from "../../report/triage/tables/sources.ts";
import { LineView } from "../texts.tsx";

/** One labelled part of a row's evidence. */
export function Detail({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    <div class="detail">
      <h3>{label}</h3>
      <div>{children}</div>
    </div>
  );
}

/** Rows of evidence: words, then numbers, then words again; a cell for each head. */
export function InnerTable({
  heads,
  numbers,
  last = [],
  rows,
}: {
  readonly heads: readonly string[];
  readonly numbers: readonly string[];
  readonly last?: readonly string[];
  readonly rows: readonly (readonly ComponentChildren[])[];
}) {
  const isNumber = (at: number) => at >= heads.length && at < heads.length + numbers.length;
  return (
    <table class="inner">
      <thead>
        <tr>
          {[...heads, ...numbers, ...last].map((title, at) => (
            <th key={title} scope="col" class={isNumber(at) ? "right" : undefined}>
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={`${row}`}>
            {cells.map((cell, at) => (
              <td key={`${at}`} class={isNumber(at) ? "right num" : undefined}>
                {cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Texts({
  label,
  texts,
}: {
  readonly label: string;
  readonly texts: readonly string[];
}) {
  if (texts.length === 0) return null;
  return (
    <Detail label={label}>
      {texts.map((text) => (
        <div key={text}>
          <LineView line={[span(text, "code")]} />
        </div>
      ))}
    </Detail>
  );
}

export function Sources({ sources }: { readonly sources: readonly ReportSource[] }) {
  if (sources.length === 0) return null;
  return (
    <Detail label="Source">
      {sources.map((source, at) => (
        <div key={`${at}`}>
          <LineView line={sourceLine(source)} />
        </div>
      ))}
    </Detail>
  );
}

export function Prose({ label, text }: { readonly label: string; readonly text: string | null }) {
  if (text === null || text === "") return null;
  return (
    <Detail label={label}>
      <LineView line={[span(text)]} />
    </Detail>
  );
}
