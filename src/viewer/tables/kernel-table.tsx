import { useMemo } from "preact/hooks";
import type { KernelRow, KernelSite, StageReport } from "../../model/contracts/report.ts";
import { percent } from "../../model/trace/units.ts";
import { inert } from "../../report/document/inert.ts";
import { count, share, type TimeFormat, timeFormatFor } from "../../report/numbers.ts";
import { withinLimit } from "../../report/table.ts";
import { limitSpan } from "../../report/triage/tables/limit-words.ts";
import { CopyText } from "../copy-text.tsx";
import { categories, named, numbers, shares } from "./columns.tsx";
import { DataTable, type TableColumn } from "./data-table.tsx";
import { Detail, InnerTable } from "./details.tsx";

interface Props {
  readonly stage: StageReport;
  readonly id: string;
  readonly limit: number | null;
}

export function KernelTable({ stage, id, limit }: Props) {
  const { shown, cut } = useMemo(() => withinLimit(stage.kernels, limit), [stage, limit]);
  const time = timeFormatFor(stage.timeline.gpuTimeUs);
  return (
    <DataTable<KernelRow>
      id={id}
      title="Kernels"
      rows={shown}
      cut={cut}
      empty="No kernel of this stage takes enough time for a row."
      columns={columns(stage, time)}
      facets={[{ title: "Category", of: ({ category }) => inert(category) }]}
      textOf={(row) =>
        [row.name, row.shortName, row.category, ...row.sites.flatMap(siteTexts)].join(" ")
      }
      name={(row) => inert(row.shortName)}
      details={(row) => <KernelDetails row={row} time={time} />}
    />
  );
}

function columns(stage: StageReport, time: TimeFormat): readonly TableColumn<KernelRow>[] {
  const largest = Math.max(...stage.kernels.map(({ sharePct }) => sharePct));
  return [
    named("kernel", "Kernel", (row) => row.shortName),
    categories(),
    numbers("time", "GPU time", (row) => row.totalUs, time),
    shares("share", "Share", (row) => row.sharePct, largest),
    numbers("launches", "Launches", (row) => row.launches, count),
    {
      id: "limit",
      title: "Of limit",
      // Rows without a figure sort behind all others.
      value: (row) => row.limit?.pctOfLimit ?? Number.POSITIVE_INFINITY,
      cell: (row) => (row.limit === null ? "–" : limitSpan(row.limit).text),
    },
    numbers(
      "headroom",
      "Headroom",
      (row) => row.limit?.headroomUs ?? 0,
      (us) => (us > 0 ? time(us) : "–"),
    ),
    numbers(
      "mean",
      "Mean",
      (row) => row.avgUs,
      (us) => `${us.toFixed(1)}\u00a0µs`,
    ),
    {
      id: "place",
      title: "Python location",
      value: (row) => row.sites[0]?.location ?? "\uffff",
      cell: (row) => <Place row={row} />,
    },
    {
      id: "op",
      title: "CPU op",
      value: (row) => row.sites[0]?.cpuOp ?? "\uffff",
      cell: (row) => <code>{inert(row.sites[0]?.cpuOp ?? "–")}</code>,
    },
  ];
}

/** The place most of the time comes from, and how much of it. */
function Place({ row }: { readonly row: KernelRow }) {
  const [site] = row.sites;
  if (site === undefined || site.location === null) return <span class="dim">not located</span>;
  const more = row.sites.length - 1;
  return (
    <>
      <code>{inert(site.location)}</code> {inert(site.function ?? "")}
      {more === 0 ? null : (
        <span class="dim">
          {" "}
          {share(percent(site.totalUs, row.totalUs))}, +{more} more
        </span>
      )}
    </>
  );
}

function siteTexts({ location, function: fn, module, cpuOp }: KernelSite): string[] {
  return [location, fn, module, cpuOp].filter((text) => text !== null);
}

function KernelDetails({ row, time }: { readonly row: KernelRow; readonly time: TimeFormat }) {
  return (
    <>
      <Detail label="Name">
        <CopyText text={inert(row.name)} label="kernel name" />
      </Detail>
      <Detail label="Duration">
        mean {row.avgUs.toFixed(2)} µs, shortest {row.minUs.toFixed(2)} µs, longest{" "}
        {row.maxUs.toFixed(2)} µs
      </Detail>
      <Detail label="Sites">
        <InnerTable
          heads={["Python location", "Module", "CPU op"]}
          numbers={["Launches", "GPU time", "Share"]}
          last={["Found by"]}
          rows={row.sites.map((site) => [
            <>
              <code>{inert(site.location ?? "not located")}</code> {inert(site.function ?? "")}
            </>,
            inert(site.module ?? "–"),
            <code>{inert(site.cpuOp ?? "–")}</code>,
            count(site.launches),
            time(site.totalUs),
            share(percent(site.totalUs, row.totalUs)),
            site.via,
          ])}
        />
      </Detail>
    </>
  );
}
