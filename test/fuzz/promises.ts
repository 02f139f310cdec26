import { micromark } from "micromark";
import { gfm, gfmHtml } from "micromark-extension-gfm";
import type { ActionSaving } from "../../src/model/contracts/action.ts";
import type { Report } from "../../src/model/contracts/report.ts";
import type { FormatName } from "../../src/report/document/formats.ts";
import { FORMATS } from "../../src/report/formats.ts";
import { Disagreement } from "./judge.ts";

/** Whole nanoseconds as microseconds, rounded on both sides. */
const ROUNDING_US = 0.01;

/**
 * Nothing saves more than there is: an action no more than its stage, a row no more than its stage
 * and than its own kernels, a ledger no more and no less than the wall time.
 *
 * @throws Disagreement
 */
export function savingsWithinStage({ stages, actions }: Report): void {
  const of = (stage: string) => stages.find((one) => one.stage === stage)?.timeline.totalUs ?? 0;
  const within = (what: string, us: number, mostUs: number): void => {
    if (!(us >= 0 && us <= mostUs + ROUNDING_US))
      throw new Disagreement(`${what} saves ${us} us of ${mostUs}`);
  };
  const saving = (
    what: string,
    { kernelUs, gapUs, pctOfStep }: ActionSaving,
    most: number,
  ): void => {
    within(what, kernelUs, most);
    within(what, gapUs, most);
    within(what, kernelUs + gapUs, most);
    within(`${what} in per cent`, pctOfStep, 100);
  };
  for (const { id, stage, saves } of actions) saving(id, saves, of(stage));
  for (const { stage, timeline, fuse, overlap, ledger } of stages) {
    for (const row of fuse) saving(`${stage} ${row.rule}`, row.saves, timeline.totalUs);
    for (const row of overlap)
      within(`${stage} ${row.kernel}`, row.saveAtMostUs, Math.min(row.totalUs, timeline.totalUs));
    const sum = ledger.reduce((total, row) => total + row.us, 0);
    if (Math.abs(sum - timeline.totalUs) > ROUNDING_US * (ledger.length + 1))
      throw new Disagreement(`${stage}: the ledger holds ${sum} us of ${timeline.totalUs}`);
  }
}

/** Kernels end while the next begins (dependent launches): durations add up to so much more than a stream lasts. */
const DEPENDENT_LAUNCH = 1.1;

/**
 * A GPU is never busy for longer than the window. Streams run one kernel after the other: more GPU
 * time than the window has on all of them, dependent launches aside, is either told or a fault.
 * Lanes are counted generously, from the text.
 */
export function withinWindow({ stages, health }: Report, text: string): void {
  const lanes = new Set(text.match(/"stream":\s*"?-?[\w.]+|"pid":\s*"[^"]*"|"device":\s*\d+/g))
    .size;
  for (const { timeline, stage } of stages) {
    const { gpuTimeUs, busyUs, totalUs } = timeline;
    if (busyUs > totalUs + ROUNDING_US)
      throw new Disagreement(`${stage}: busy for ${busyUs} us of ${totalUs}`);
    const room = totalUs * Math.max(1, lanes);
    const most = health.findings.length === 0 ? room : room * DEPENDENT_LAUNCH;
    if (gpuTimeUs > most + 1 && !health.findings.some(({ kind }) => kind === "side-by-side"))
      throw new Disagreement(`${stage}: ${gpuTimeUs} us of GPU time in ${totalUs}`);
  }
}

/** Controls but the line end, invisible format characters, lone surrogates, line separators. */
export const ALIVE = /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const OUR_COLOURS = /\u001b\[\d+m/g;

export function inertInEveryFormat(report: Report): void {
  for (const format of Object.keys(FORMATS) as FormatName[]) {
    for (const color of [false, true]) {
      const limits = { kernels: null, overlap: null, fuse: null };
      const text = FORMATS[format](report, {
        width: 100,
        color,
        limits,
        nearMisses: [],
        order: "headroom",
        byShape: true,
      });
      const found = ALIVE.exec(color ? text.replace(OUR_COLOURS, "") : text);
      if (found !== null)
        throw new Disagreement(
          `${format} holds U+${found[0].codePointAt(0)!.toString(16)}: ${JSON.stringify(text.slice(Math.max(0, found.index - 60), found.index + 20))}`,
        );
      if (format === "json") sameJson(text, report);
      if (format === "markdown" && !color) onlyTables(text);
    }
  }
}

function sameJson(text: string, report: Report): void {
  const names = ({ stages }: Report): string[] =>
    stages.flatMap(({ kernels }) =>
      kernels.flatMap(({ name, sites }) => [name, ...sites.map(({ location }) => `${location}`)]),
    );
  if (names(JSON.parse(text)).join("\n") !== names(report).join("\n"))
    throw new Disagreement("the JSON text has other names");
}

function onlyTables(text: string): void {
  const html = micromark(text, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
  const found = /<(script|img|iframe|svg|style)\b|href="(?!https:\/\/|#)/i.exec(html);
  if (found !== null)
    throw new Disagreement(`markdown makes ${html.slice(found.index - 40, found.index + 60)}`);
}
