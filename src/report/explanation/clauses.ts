import type {
  ExplainedGuard,
  ExplainedKernel,
  ExplainedPattern,
} from "../../model/contracts/rule-explanation.ts";
import { type Block, innerTable, list, section } from "../document/block.ts";
import { count, counted, timeInWords } from "../numbers.ts";
import { cell, type Line, NOTHING, span } from "../table.ts";

/** What both explanations say of a rule's clauses: a row's, and a rule's on a trace. */

/** Every guard with the fact it met. */
export function guardSection(guards: readonly ExplainedGuard[], file: string): readonly Block[] {
  const words = { true: "holds", false: "does not hold", unknown: "assumed" } as const;
  if (guards.length === 0) return [];
  const rows = guards.map(({ text, truth, value, from, line }) => [
    cell(span(text, "code")),
    cell(span(words[truth], truth === "false" ? "bad" : "plain")),
    value === null ? cell(span("unknown", "dim")) : cell(span(String(value))),
    from === null ? cell(span("nothing in the trace tells it", "dim")) : cell(span(from)),
    line === null ? NOTHING : cell(span(`${file}:${line}`, "dim")),
  ]);
  const table = innerTable(
    [
      ["Guard", "left"],
      ["Answer", "left"],
      ["Value", "left"],
      ["Known from", "left"],
      ["Line", "left"],
    ],
    rows,
  );
  return section([span("Guards")], table);
}

/** How a page shows a pattern: its steps, and the kernels of the attempts that came nearest. */
interface PatternStyle {
  readonly step: (step: ExplainedPattern["steps"][number]) => Line;
  readonly kernels: (kernels: readonly ExplainedKernel[]) => readonly Block[];
}

/** Each pattern with what its steps met, how often it was found, and what stopped the rest. */
export function patternSection(
  pattern: ExplainedPattern,
  file: string,
  style: PatternStyle,
): readonly Block[] {
  const { state, text, line, steps, found, counted: held, foreign, nearest, repeatMin } = pattern;
  const place = (at: number | null): string => (at === null ? "" : ` (${file}:${at})`);
  const uncounted =
    held === found
      ? ""
      : `, ${count(held)} of them counted${repeatMin > 1 ? ` (repeat >= ${repeatMin})` : ""}`;
  const blocks: Block[] = [
    ...list(
      [span(text, "code"), span(place(line), "dim")],
      [span(`By itself it is found ${counted(found, "time")}${uncounted}.`)],
      ...(foreign === 0
        ? []
        : [
            [
              span(
                `Left out ${counted(foreign, "time")}: the kernels are the code of a project that the rule does not cite.`,
              ),
            ],
          ]),
      ...steps.map(style.step),
    ),
    ...nearest.flatMap(({ reached, wanted, saw, times, kernels, line: at }) => [
      ...list([
        span(`×${count(times)} stopped after ${reached} of ${steps.length} steps by `, "dim"),
        span(wanted, "code"),
        span(`: ${saw}`),
        span(place(at), "dim"),
      ]),
      ...style.kernels(kernels),
    ]),
  ];
  return section([span(`Pattern: ${state}`)], ...joined(blocks));
}

/** Lists that follow each other are one. */
function joined(blocks: readonly Block[]): readonly Block[] {
  const whole: Block[] = [];
  for (const block of blocks) {
    const last = whole.at(-1);
    if (block.kind === "list" && last?.kind === "list")
      whole[whole.length - 1] = { kind: "list", lines: [...last.lines, ...block.lines] };
    else whole.push(block);
  }
  return whole;
}

function stepLine({ step, kernels }: ExplainedPattern["steps"][number]): Line {
  return [
    span("step ", "dim"),
    span(step, "code"),
    span(`: ${counted(kernels, "kernel")} of its class`),
  ];
}

/** Kernels of a near miss before the middle is left out. */
const MOST_IN_BRIEF = 8;
const MOST_IN_FULL = 12;

/** For a row: how far the attempts came, in a line. */
export const BRIEF: PatternStyle = {
  step: stepLine,
  kernels: (kernels) => {
    const names = shortened(
      kernels.map(({ kernel }) => kernel),
      MOST_IN_BRIEF,
    );
    return list([span(`nearest: ${names.map((name) => name ?? "…").join(" → ")}`, "dim")]);
  },
};

/** For whoever writes the rule: which kernels a step met, and each kernel of the nearest attempt. */
export const IN_FULL: PatternStyle = {
  step: (step) => {
    const names = step.names.map(({ kernel, launches }) => `${kernel} ×${count(launches)}`);
    return [...stepLine(step), span(names.length === 0 ? "" : `: ${names.join(", ")}`, "dim")];
  },
  kernels: (kernels) => {
    if (kernels.length === 0) return [];
    const rows = shortened(kernels, MOST_IN_FULL).map((one) => {
      if (one === null) return [cell(span("…", "dim")), ...Array<Line[]>(5).fill([])];
      const { step, kernel, startUs, us, stream, location } = one;
      return [
        step === null ? cell(span("between", "dim")) : cell(span(step)),
        cell(span(kernel, "code")),
        cell(span(timeInWords(startUs))),
        cell(span(timeInWords(us))),
        cell(span(stream)),
        location === null ? NOTHING : cell(span(location, "code")),
      ];
    });
    const table = innerTable(
      [
        ["Step", "left"],
        ["Kernel", "left"],
        ["Start", "right"],
        ["Time", "right"],
        ["Stream", "left"],
        ["Python location", "left"],
      ],
      rows,
    );
    return [table];
  },
};

/** Both ends; null for the middle. */
function shortened<T>(items: readonly T[], most: number): readonly (T | null)[] {
  if (items.length <= most) return items;
  return [...items.slice(0, most / 2), null, ...items.slice(-most / 2)];
}
