import { useMemo } from "preact/hooks";
import type { OverlapRow, StageReport } from "../../model/contracts/report.ts";
import { inert } from "../../report/document/inert.ts";
import { share, type TimeFormat, timeFormatFor } from "../../report/numbers.ts";
import { withinLimit } from "../../report/table.ts";
import { CopyText } from "../copy-text.tsx";
import { categories, named, numbers, savings, shares } from "./columns.tsx";
import { DataTable, type TableColumn } from "./data-table.tsx";
import { Detail, Prose, Sources, Texts } from "./details.tsx";

interface Props {
  readonly stage: StageReport;
  readonly id: string;
  readonly limit: number | null;
}

export function OverlapTable({ stage, id, limit }: Props) {
  const { shown, cut } = useMemo(() => withinLimit(stage.overlap, limit), [stage, limit]);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
  return (
    <DataTable<OverlapRow>
      id={id}
      title="Overlap opportunities"
      rows={shown}
      cut={cut}
      empty="No kernel of this stage has overlap headroom worth a row."
      columns={columns(time)}
      facets={[{ title: "Verdict", of: ({ verdict }) => inert(verdict) }]}
      textOf={(row) =>
        [row.kernel, row.rule, row.verdict, row.category, row.location, row.recommendation].join(
          " ",
        )
      }
      name={({ kernel }) => inert(kernel)}
      details={(row) => <OverlapDetails row={row} />}
    />
  );
}

const RISKS: readonly OverlapRow["dependencyRisk"][] = ["low", "unclear", "high"];

function columns(time: TimeFormat): readonly TableColumn<OverlapRow>[] {
  return [
    named("kernel", "Kernel", (row) => row.kernel),
    categories(),
    {
      id: "priority",
      title: "Priority",
      value: (row) => row.priority ?? "\uffff",
      cell: (row) => inert(row.priority ?? "–"),
    },
    {
      id: "verdict",
      title: "Verdict",
      value: (row) => row.verdict,
      cell: (row) => inert(row.verdict),
    },
    numbers("time", "GPU time", (row) => row.totalUs, time),
    shares("hidden", "Hidden", (row) => row.hiddenPct),
    savings(time, ({ saveAtMostUs }) => saveAtMostUs),
    {
      id: "risk",
      title: "Dep risk",
      value: (row) => RISKS.indexOf(row.dependencyRisk),
      cell: (row) => <span class={`risk-${row.dependencyRisk}`}>{row.dependencyRisk}</span>,
    },
    {
      id: "advice",
      title: "Recommendation",
      value: (row) => row.recommendation,
      cell: (row) => inert(row.recommendation),
    },
  ];
}

function OverlapDetails({ row }: { readonly row: OverlapRow }) {
  return (
    <>
      <Detail label="Kernel">
        <CopyText text={inert(row.kernel)} label="kernel name" />
      </Detail>
      <Texts label="Python scope" texts={row.location === null ? [] : [row.location]} />
      <Detail label="Signal">
        {share(row.sharePct)} of GPU time; hidden {share(row.hiddenPct)} of its own time, alone{" "}
        {share(row.exclusivePct)}
      </Detail>
      <Prose label="Why" text={row.rationale} />
      <Detail label="Rule">
        {row.rule === null ? (
          "none: this trace's timeline"
        ) : (
          <>
            <code>{inert(row.rule)}</code> {row.status ?? ""}
          </>
        )}
      </Detail>
      <Sources sources={row.sources} />
    </>
  );
}
