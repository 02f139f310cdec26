import type { ComponentChildren } from "preact";
import type { ReportSource } from "../../model/report.ts";
import { span } from "../../report/table.ts";
import { sourceLine } from "../../report/tables/sources.ts";
import { LineView } from "../lines.tsx";

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
