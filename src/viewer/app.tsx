import { withoutHolesUs } from "../model/contracts/launch-bound.ts";
import type { Report } from "../model/contracts/report.ts";
import { STAGE_TITLE } from "../model/framework.ts";
import { percent } from "../model/trace/units.ts";
import { share, timeInWords } from "../report/numbers.ts";
import { DEFAULT_RENDER_OPTIONS } from "../report/renderer.ts";
import { span } from "../report/table.ts";
import { firstScreen, reportNotes } from "../report/triage/document.ts";
import { head, runLine } from "../report/triage/head.ts";
import type { Payload } from "./payload.ts";
import { StageView } from "./stage-view.tsx";
import { Tabs } from "./tabs.tsx";
import { BlocksView, LineView } from "./texts.tsx";

/** The whole page: one report, or one tab for each. */
export function App({ payload }: { readonly payload: Payload }) {
  const { reports } = payload;
  const pages = reports.map((report, at) => (
    <ReportView key={`${at}`} report={report} id={`r${at}`} payload={payload} />
  ));
  if (reports.length === 1) return <main>{pages}</main>;
  return (
    <main>
      <Tabs
        label="Reports"
        tabs={reports.map((report, at) => ({
          id: `r${at}`,
          title: reportTitle(report, at),
          printed: reportTitle(report, at),
          panel: pages[at],
        }))}
      />
    </main>
  );
}

function reportTitle({ traces }: Report, at: number): string {
  const rank = traces[0]?.rank ?? null;
  return rank === null ? `Report ${at + 1}` : `Rank ${rank}`;
}

interface ReportProps {
  readonly report: Report;
  readonly id: string;
  readonly payload: Payload;
}

function ReportView({ report, id, payload }: ReportProps) {
  return (
    <>
      <header>
        <p class="tool">
          {report.tool.name} {report.tool.version}
        </p>
        <h1>{titleOf(report)}</h1>
        <Partial report={report} />
        <details class="about">
          <summary>
            <LineView line={runLine(report)} />
          </summary>
          <BlocksView blocks={[{ kind: "facts", facts: head(report) }]} />
        </details>
        <BlocksView blocks={firstScreen(report)} />
      </header>
      {report.stages.length === 0 ? (
        <p>No stage holds GPU events.</p>
      ) : (
        <Tabs
          label="Stages"
          tabs={report.stages.map((stage) => ({
            id: `${id}-${stage.stage}`,
            printed: STAGE_TITLE[stage.stage],
            title: (
              <>
                <b>{STAGE_TITLE[stage.stage]}</b>{" "}
                <span class="dim">
                  {timeInWords(withoutHolesUs(stage.timeline))}, busy{" "}
                  {share(percent(stage.timeline.busyUs, withoutHolesUs(stage.timeline)))}
                </span>
              </>
            ),
            panel: <StageView stage={stage} id={`${id}-${stage.stage}`} limits={payload.limits} />,
          }))}
        />
      )}
      <footer>
        <p class="summary">
          <LineView line={[span(report.summary)]} />
        </p>
        <BlocksView blocks={reportNotes(report, { ...DEFAULT_RENDER_OPTIONS, ...payload })} />
      </footer>
    </>
  );
}

function titleOf({ model, traces }: Report): string {
  const text = model ?? traces[0]?.path.split("/").slice(-2).join("/") ?? "Trace";
  return span(text).text;
}

/** A damaged trace proves less than the numbers look like: said where nobody misses it. */
function Partial({ report }: { readonly report: Report }) {
  const damaged = report.traces.filter(({ complete }) => !complete);
  if (damaged.length === 0) return null;
  return (
    <p class="banner" role="note">
      <strong>Partial trace.</strong>{" "}
      {damaged.map(({ path, damage }) => (
        <span key={path}>
          <LineView
            line={[
              span(path, "code"),
              span(
                `: ${damage ?? "the file ends early"}. Everything below covers the part before.`,
              ),
            ]}
          />
        </span>
      ))}
    </p>
  );
}
