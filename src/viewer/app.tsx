import { STAGE_TITLE } from "../model/framework.ts";
import type { Report } from "../model/report.ts";
import { percent } from "../model/units.ts";
import { head } from "../report/head.ts";
import { diagnosticLines, hiddenLine, nearMissLines, similarityLine } from "../report/notes.ts";
import { share, timeInWords } from "../report/numbers.ts";
import { type Line, span } from "../report/table.ts";
import { stageTables } from "../report/tables/index.ts";
import { ActionsView } from "./actions-view.tsx";
import { CellView, LineView } from "./lines.tsx";
import type { Payload } from "./payload.ts";
import { StageView } from "./stage-view.tsx";
import { Tabs } from "./tabs.tsx";

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
  const remarks = diagnosticLines(report);
  const tables = report.stages.flatMap((stage) =>
    stageTables(stage, { limits: payload.limits, order: "time", byShape: false }),
  );
  const notes = [similarityLine(report), hiddenLine(report, tables)].filter((it) => it !== null);
  return (
    <>
      <header>
        <p class="tool">
          {report.tool.name} {report.tool.version}
        </p>
        <h1>{titleOf(report)}</h1>
        <Partial report={report} />
        <ActionsView report={report} />
        <p class="summary">
          <LineView line={[span(report.summary)]} />
        </p>
        <dl class="head">
          {head(report).map(({ label, cell }) => (
            <div key={label} class={`fact fact-${label.toLowerCase().replace(" ", "-")}`}>
              <dt>{label}</dt>
              <dd>
                <CellView cell={cell} />
              </dd>
            </div>
          ))}
        </dl>
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
                  {timeInWords(stage.timeline.totalUs)}, busy{" "}
                  {share(percent(stage.timeline.busyUs, stage.timeline.totalUs))}
                </span>
              </>
            ),
            panel: <StageView stage={stage} id={`${id}-${stage.stage}`} limits={payload.limits} />,
          }))}
        />
      )}
      <footer>
        {notes.map((line, at) => (
          <p key={`${at}`}>
            <LineView line={line} />
          </p>
        ))}
        <Lines title="Near misses" lines={nearMissLines(payload.nearMisses)} />
        <Lines title="Remarks" lines={remarks} />
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

function Lines({ title, lines }: { readonly title: string; readonly lines: readonly Line[] }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {lines.map((line, at) => (
          <li key={`${at}`}>
            <LineView line={line} />
          </li>
        ))}
      </ul>
    </section>
  );
}
