import { ticks } from "d3-array";
import { useMemo } from "preact/hooks";
import type { ExcerptReport, ExcerptSpan } from "../../model/contracts/report.ts";
import { inert } from "../../report/document/inert.ts";
import { timeInWords } from "../../report/numbers.ts";
import { CAUSE_TITLE } from "../../report/triage/stage-head.ts";
import { familyOf } from "../families.ts";
import { type Bracket, placeBrackets } from "./brackets.ts";
import type { TimeView } from "./time-view.ts";

/** Pixels; the lanes' names stand left of the picture. */
export const GUTTER = 84;
const AXIS = 22;
const BRACKET = 20;
const LANE = 40;
const IDLE = 20;
/** Width of a letter of the small type, to know what fits. */
const LETTER = 6.4;

interface Props {
  readonly excerpt: ExcerptReport;
  readonly view: TimeView;
  readonly width: number;
  readonly chosen: number | null;
  readonly onChoose: (span: number) => void;
  readonly onRule: (rule: string) => void;
}

/** Axis, brackets of fuse patterns, one lane a stream, and the gaps below. */
export function TimelinePicture(props: Props) {
  const { excerpt, view, width, chosen, onChoose, onRule } = props;
  const brackets = useMemo(() => placeBrackets(excerpt), [excerpt]);
  const levels = Math.max(0, ...brackets.map(({ level }) => level + 1));
  const top = AXIS + levels * BRACKET + 4;
  const floor = top + excerpt.lanes.length * LANE;
  const height = floor + (excerpt.idle.length > 0 ? IDLE + 6 : 4);
  const x = (us: number): number =>
    GUTTER + ((us - view.from) / (view.to - view.from)) * (width - GUTTER - 1);
  /** What is beyond the edges is not drawn, so that far zooms need no huge numbers. */
  const stretch = (from: number, to: number) => {
    const left = Math.max(GUTTER, x(from));
    return { x: left, width: Math.min(width, x(to)) - left };
  };
  return (
    <svg width={width} height={height} aria-hidden="true">
      <Axis view={view} x={x} width={width} height={floor} />
      {excerpt.lanes.map(({ device, stream }, lane) => (
        <g key={`${lane}`}>
          <line
            class="lane-line"
            x1={GUTTER}
            x2={width}
            y1={top + lane * LANE + LANE - 3}
            y2={top + lane * LANE + LANE - 3}
          />
          <text class="lane" x={0} y={top + lane * LANE + 22}>
            {inert(`GPU ${device} · ${stream}`).slice(0, 13)}
          </text>
        </g>
      ))}
      {brackets.map((bracket) => (
        <BracketMark
          key={`${bracket.rule}-${bracket.from}`}
          bracket={bracket}
          place={stretch(bracket.from, bracket.to)}
          y={top - 6 - bracket.level * BRACKET}
          onRule={onRule}
        />
      ))}
      {excerpt.spans.map((span, at) => {
        const place = stretch(span.startUs, span.startUs + span.durUs);
        if (place.width <= 0) return null;
        return (
          <SpanMark
            key={`${at}`}
            span={span}
            x={place.x}
            width={place.width}
            y={top + span.lane * LANE}
            isChosen={at === chosen}
            onChoose={() => onChoose(at)}
          />
        );
      })}
      {excerpt.idle.length === 0 ? null : (
        <text class="lane" x={0} y={floor + 15}>
          idle
        </text>
      )}
      {excerpt.idle.map(({ startUs, durUs, cause }) => {
        const place = stretch(startUs, startUs + durUs);
        if (place.width <= 0) return null;
        const words = `${CAUSE_TITLE[cause]} ${timeInWords(durUs)}`;
        const short = timeInWords(durUs);
        const label = fits(words, place.width) ? words : fits(short, place.width) ? short : "";
        return (
          <g key={startUs}>
            <rect
              class={`idle idle-${cause}`}
              x={place.x}
              y={floor + 1}
              width={place.width}
              height={IDLE}
            >
              <title>{words}</title>
            </rect>
            <text class="idle-text" x={place.x + 4} y={floor + 15}>
              {label}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

interface AxisProps {
  readonly view: TimeView;
  readonly x: (us: number) => number;
  readonly width: number;
  readonly height: number;
}

function Axis({ view, x, width, height }: AxisProps) {
  return (
    <>
      {ticks(view.from, view.to, Math.max(2, Math.floor((width - GUTTER) / 110))).map((us) => (
        <g key={us}>
          <line class="tick" x1={x(us)} x2={x(us)} y1={AXIS - 4} y2={height} />
          <text
            class="tick-text"
            x={x(us)}
            y={12}
            text-anchor={x(us) > width - 30 ? "end" : x(us) < GUTTER + 10 ? "start" : "middle"}
          >
            {`${Number(us.toPrecision(6))} µs`}
          </text>
        </g>
      ))}
    </>
  );
}

interface BracketProps {
  readonly bracket: Bracket;
  readonly place: { readonly x: number; readonly width: number };
  readonly y: number;
  readonly onRule: (rule: string) => void;
}

function BracketMark({ bracket: { rule, state }, place, y, onRule }: BracketProps) {
  if (place.width <= 0) return null;
  const right = place.x + Math.max(2, place.width);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a pointer's way; keys reach the row through its kernels
    <g class={`bracket state-${state}`} onClick={() => onRule(rule)}>
      <title>{`${inert(rule)} (${state}): go to its row`}</title>
      <rect x={place.x} y={y - 15} width={right - place.x} height={BRACKET} class="hit" />
      <path d={`M${place.x + 0.5},${y + 3}v-5H${right - 0.5}v5`} />
      <text x={place.x + 3} y={y - 5}>
        {clipped(inert(rule), place.width)}
      </text>
    </g>
  );
}

interface SpanProps {
  readonly span: ExcerptSpan;
  readonly x: number;
  readonly width: number;
  readonly y: number;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function SpanMark({ span, x, width, y, isChosen, onChoose }: SpanProps) {
  const family = familyOf(span.category);
  return (
    <g
      class={`span ${isChosen ? "chosen" : ""}`}
      onPointerEnter={onChoose}
      onPointerDown={onChoose}
    >
      <rect class={`fam-${family}`} x={x} y={y} width={Math.max(1, width - 0.5)} height={28} />
      {span.exposedUs > 0 ? (
        <rect class="exposed-mark" x={x} y={y + 29} width={Math.max(1, width - 0.5)} height={4} />
      ) : null}
      <text class={`on-${family}`} x={x + 4} y={y + 18}>
        {clipped(labelOf(span), width)}
      </text>
    </g>
  );
}

/** The role says most in least room; else the name without its namespaces. */
function labelOf({ role, kernel }: ExcerptSpan): string {
  return inert(role ?? kernel.replace(/^(?:[\w~]+::|\(anonymous namespace\)::)+/, ""));
}

function fits(text: string, width: number): boolean {
  return text.length * LETTER + 8 <= width;
}

/** As much of a text as has room, nothing where that would be a stub. */
function clipped(text: string, width: number): string {
  if (fits(text, width)) return text;
  const letters = Math.floor((width - 14) / LETTER);
  return letters < 3 ? "" : `${text.slice(0, letters)}…`;
}
