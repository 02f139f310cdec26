import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { ExcerptReport } from "../../model/contracts/report.ts";
import { inert } from "../../report/document/inert.ts";
import { counted, timeInWords } from "../../report/numbers.ts";
import { CAUSE_TITLE } from "../../report/triage/stage-head.ts";
import { FAMILIES, type Family, familyOf } from "../families.ts";
import { pan, reveal, type TimeView, zoom } from "./time-view.ts";
import { GUTTER, TimelinePicture } from "./timeline-picture.tsx";

interface Props {
  readonly excerpt: ExcerptReport;
  readonly id: string;
  readonly onRule: (rule: string) => void;
}

const STEP_IN = 0.7;

/** One typical layer, drawn; wheel and keys move through it. */
export function LayerTimeline({ excerpt, id, onRule }: Props) {
  const whole = useMemo(() => ({ from: 0, to: Math.max(excerpt.durationUs, 0.001) }), [excerpt]);
  const [view, setView] = useState<TimeView>(whole);
  const [chosen, setChosen] = useState<number | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  useWheel(box, setView, whole);
  const keys = (event: KeyboardEvent) => {
    const middle = (view.from + view.to) / 2;
    const to = Math.max(
      0,
      Math.min(excerpt.spans.length - 1, (chosen ?? -1) + (event.key === "ArrowLeft" ? -1 : 1)),
    );
    const rules = chosen === null ? [] : rulesOf(excerpt, chosen);
    if (event.key === "+" || event.key === "=") setView(zoom(view, STEP_IN, middle, whole));
    else if (event.key === "-") setView(zoom(view, 1 / STEP_IN, middle, whole));
    else if (event.key === "0" || event.key === "Home") setView(whole);
    else if (event.key === "ArrowLeft" && event.shiftKey) setView(pan(view, -0.2, whole));
    else if (event.key === "ArrowRight" && event.shiftKey) setView(pan(view, 0.2, whole));
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const { startUs, durUs } = excerpt.spans[to]!;
      setChosen(to);
      setView(reveal(view, startUs, startUs + durUs, whole));
    } else if (event.key === "Enter" && rules.length > 0) onRule(rules[0]!);
    else return;
    event.preventDefault();
  };
  return (
    <section class="timeline" aria-labelledby={`${id}-timeline`}>
      <div class="table-head">
        <h2 id={`${id}-timeline`}>{titleOf(excerpt)}</h2>
        <div class="filters">
          <button
            type="button"
            aria-label="Zoom out"
            onClick={() => setView(zoom(view, 1 / STEP_IN, (view.from + view.to) / 2, whole))}
          >
            −
          </button>
          <button
            type="button"
            aria-label="Zoom in"
            onClick={() => setView(zoom(view, STEP_IN, (view.from + view.to) / 2, whole))}
          >
            +
          </button>
          <button type="button" onClick={() => setView(whole)}>
            Whole
          </button>
        </div>
      </div>
      <p class="dim told">{aboutOf(excerpt)}</p>
      <div
        class="picture"
        ref={box}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the picture takes keys, as its label says
        tabIndex={0}
        role="application"
        aria-label="Layer timeline: arrow keys go from kernel to kernel, plus and minus zoom, shift and arrows move, 0 shows the whole, enter opens the pattern"
        onKeyDown={keys}
      >
        <TimelinePicture
          excerpt={excerpt}
          view={view}
          width={width}
          chosen={chosen}
          onChoose={setChosen}
          onRule={onRule}
        />
      </div>
      <Readout excerpt={excerpt} chosen={chosen} />
      <Legend excerpt={excerpt} />
    </section>
  );
}

function titleOf({ of, layer }: ExcerptReport): string {
  return of === "layer" ? `One typical layer (number ${layer})` : "A typical stretch";
}

function aboutOf({ of, spans, durationUs, fromUs, step, whole }: ExcerptReport): string {
  const choice =
    of === "layer" ? "of all layers the one of median duration" : "nothing repeats in this stage";
  const cut = whole ? "" : ", cut there";
  const told = step === null ? "" : `, ${inert(step)}`;
  return `${counted(spans.length, "kernel")} in ${timeInWords(durationUs)}${cut}, ${timeInWords(fromUs)} into the trace${told}; ${choice}.`;
}

function rulesOf({ fuse }: ExcerptReport, span: number): readonly string[] {
  return [...new Set(fuse.filter(({ spans }) => spans.includes(span)).map(({ rule }) => rule))];
}

/** What the pointer or the keys are on, in words. */
function Readout({
  excerpt,
  chosen,
}: {
  readonly excerpt: ExcerptReport;
  readonly chosen: number | null;
}) {
  const span = chosen === null ? undefined : excerpt.spans[chosen];
  if (span === undefined)
    return (
      <p class="readout dim" aria-live="polite">
        Point at a kernel, or use the arrow keys. Ctrl and wheel zoom, shift and wheel move.
      </p>
    );
  const rules = rulesOf(excerpt, chosen!);
  return (
    <p class="readout" aria-live="polite">
      <code>{inert(span.kernel)}</code> <b class="num">{timeInWords(span.durUs)}</b>{" "}
      <span class="dim">
        at {timeInWords(Math.max(0, span.startUs))}, {inert(span.role ?? span.category)}
        {span.exposedUs > 0 ? `, exposed ${timeInWords(span.exposedUs)}` : ""}
        {span.location === null ? "" : `, ${inert(span.location)}`}
        {rules.length === 0 ? "" : `, ${rules.map(inert).join(", ")}`}
      </span>
    </p>
  );
}

function Legend({ excerpt }: { readonly excerpt: ExcerptReport }) {
  const used = new Set(excerpt.spans.map(({ category }) => familyOf(category)));
  const causes = [...new Set(excerpt.idle.map(({ cause }) => cause))].sort();
  return (
    <ul class="legend">
      {(Object.keys(FAMILIES) as Family[])
        .filter((family) => used.has(family))
        .map((family) => (
          <li key={family}>
            <i class={`swatch fam-${family}`} aria-hidden="true" /> {FAMILIES[family].title}
          </li>
        ))}
      {causes.map((cause) => (
        <li key={cause}>
          <i class={`swatch idle-${cause}`} aria-hidden="true" /> idle: {CAUSE_TITLE[cause]}
        </li>
      ))}
      {excerpt.spans.some(({ exposedUs }) => exposedUs > 0) ? (
        <li>
          <i class="swatch exposed-mark" aria-hidden="true" /> exposed communication or copy
        </li>
      ) : null}
    </ul>
  );
}

/** Width of an element, followed as it changes. */
function useWidth(box: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(1100);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const found = entry?.contentRect.width ?? 0;
      if (found > 0) setWidth(Math.floor(found));
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Ctrl (or a pinch) zooms, shift or a sideways wheel moves; a focused picture zooms by the plain wheel. */
function useWheel(
  box: { readonly current: HTMLElement | null },
  setView: (to: (view: TimeView) => TimeView) => void,
  whole: TimeView,
): void {
  useEffect(() => {
    const element = box.current!;
    const onWheel = (event: WheelEvent) => {
      const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
      const isZoom = event.ctrlKey || event.metaKey || document.activeElement === element;
      if (!isSideways && !isZoom) return;
      event.preventDefault();
      const { left, width } = element.getBoundingClientRect();
      const part = Math.min(1, Math.max(0, (event.clientX - left - GUTTER) / (width - GUTTER)));
      setView((view) =>
        isSideways
          ? pan(view, Math.sign(event.deltaX || event.deltaY) * 0.1, whole)
          : zoom(
              view,
              event.deltaY < 0 ? STEP_IN : 1 / STEP_IN,
              view.from + part * (view.to - view.from),
              whole,
            ),
      );
    };
    // Preact listens passively, and a passive listener may not keep the page from scrolling.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [whole]);
}
