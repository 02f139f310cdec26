import { useMemo } from "preact/hooks";
import type { FuseRow, StageReport } from "../../model/contracts/report.ts";
import { inert } from "../../report/document/inert.ts";
import { count, share, type TimeFormat, timeFormatFor } from "../../report/numbers.ts";
import { withinLimit } from "../../report/table.ts";
import { pullRequest } from "../../report/triage/tables/sources.ts";
import { CopyText } from "../copy-text.tsx";
import { Link } from "../texts.tsx";
import { numbers, savings, shares } from "./columns.tsx";
import { DataTable, type TableColumn } from "./data-table.tsx";
import { Detail, InnerTable, Prose, Sources, Texts } from "./details.tsx";

interface Props {
  readonly stage: StageReport;
  readonly id: string;
  readonly limit: number | null;
  readonly jump: string | null;
  readonly onJumped: (to: null) => void;
}

export function FuseTable({ stage, id, limit, jump, onJumped }: Props) {
  const { shown, cut } = useMemo(() => withinLimit(stage.fuse, limit), [stage, limit]);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
  return (
    <DataTable<FuseRow>
      id={id}
      title="Fuse patterns"
      rows={shown}
      cut={cut}
      empty="No fuse pattern of the rules is in this stage."
      columns={columns(stage, time)}
      facets={[
        { title: "State", of: ({ state }) => state },
        { title: "Status", of: ({ status }) => status },
      ]}
      textOf={(row) =>
        [row.rule, row.title, row.state, row.status, row.rationale, ...row.pr, ...row.locations]
          .concat(row.evidence.flatMap(({ step, kernel }) => [step, kernel]))
          .join(" ")
      }
      name={({ rule }) => inert(rule)}
      details={(row) => <FuseDetails row={row} time={time} />}
      jump={jump}
      onJumped={onJumped}
    />
  );
}

function columns(stage: StageReport, time: TimeFormat): readonly TableColumn<FuseRow>[] {
  const largest = Math.max(...stage.fuse.map(({ sharePct }) => sharePct));
  return [
    {
      id: "pattern",
      title: "Pattern",
      value: (row) => row.rule,
      cell: (row) => (
        <div class={row.status === "mainline" ? "dim" : "warn"}>
          {row.status} <PullRequests row={row} />
        </div>
      ),
    },
    {
      id: "state",
      title: "State",
      value: (row) => row.state,
      cell: (row) => (
        <span class={`state state-${row.state}`}>
          {row.state}{" "}
          <span class="num">
            {row.state === "partial" ? share(row.coveragePct) : `×${count(row.counts[row.state])}`}
          </span>
        </span>
      ),
    },
    numbers("time", "GPU time", (row) => row.relatedUs, time),
    shares("share", "Share", (row) => row.sharePct, largest),
    savings(time, ({ saves }) => saves.kernelUs + saves.gapUs),
    {
      id: "why",
      title: "Rationale",
      value: (row) => row.rationale,
      cell: (row) => inert(row.rationale === "" ? row.title : row.rationale),
    },
    {
      id: "place",
      title: "Current location",
      value: (row) => row.locations[0] ?? "\uffff",
      cell: ({ locations }) =>
        locations.length === 0 ? (
          <span class="dim">not located</span>
        ) : (
          <>
            <code>{inert(locations[0]!)}</code>
            {locations.length > 1 ? <span class="dim"> +{locations.length - 1} more</span> : null}
          </>
        ),
    },
  ];
}

function PullRequests({ row }: { readonly row: FuseRow }) {
  return (
    <>
      {row.pr.map((pr) => (
        <span key={pr}>
          <Link href={pullRequest(pr) ?? ""}>{inert(pr)}</Link>{" "}
        </span>
      ))}
    </>
  );
}

function FuseDetails({ row, time }: { readonly row: FuseRow; readonly time: TimeFormat }) {
  const { active, partial, split } = row.counts;
  return (
    <>
      <Prose label="Pattern" text={row.title} />
      <Detail label="Occurrences">
        {count(active)} fused, {count(partial)} partly, {count(split)} split (
        {share(row.coveragePct)} covered)
      </Detail>
      <Prose label="Why" text={row.rationale} />
      <Prose label="Do" text={row.advice} />
      {row.toggle === null ? null : (
        <Detail label="Switch">
          <CopyText text={inert(row.toggle)} label="switch" />
        </Detail>
      )}
      <Prose label="Assuming" text={row.assuming.join(", ")} />
      <Detail label="Evidence">
        <InnerTable
          heads={["Step", "Kernel"]}
          numbers={["Launches", "GPU time"]}
          rows={row.evidence.map((item) => [
            inert(item.step),
            <code>{inert(item.kernel)}</code>,
            count(item.launches),
            time(item.totalUs),
          ])}
        />
      </Detail>
      <Texts label="Now at" texts={row.locations} />
      <Sources sources={row.sources} />
      <Texts label="Also matches" texts={row.alsoMatched} />
      {row.checked === null ? null : (
        <Detail label="Pull request">
          <PullRequests row={row} /> checked {inert(row.checked)}
        </Detail>
      )}
    </>
  );
}
