import { span } from "../../report/table.ts";
import { painter } from "../../report/text/paint.ts";
import { wrapLine } from "../../report/text/wrap.ts";
import type { OptionSpec, OptionSpecs } from "../options.ts";

/** A help page before it is laid out; completion and manuals are made from it too. */
export interface HelpPage {
  /** "triage [triage] TRACE… [options]" */
  readonly usage: readonly string[];
  readonly summary: string;
  readonly options: OptionSpecs;
  /** Further sections with ready lines: commands, examples, exit codes. */
  readonly sections: readonly { readonly title: string; readonly lines: readonly string[] }[];
}

const WIDEST = 100;
const OPTION_COLUMN = 27;

/** A help page as wide as the terminal, at most a readable line long. */
export function helpText(page: HelpPage, width: number, color: boolean): string {
  const room = Math.max(40, Math.min(width, WIDEST));
  const heading = (title: string): string => painter(color)([span(title, "strong")]);
  const shown = Object.entries(page.options).filter(([, { hidden }]) => !hidden);
  const groups = [...new Set(shown.map(([, { group }]) => group))];
  const blocks = [
    [heading("Usage"), ...page.usage.map((line) => `  ${line}`)],
    wrapped(page.summary, 0, room),
    ...groups.map((group) => [
      heading(group),
      ...shown
        .filter(([, spec]) => spec.group === group)
        .flatMap(([name, spec]) => optionLines(name, spec, room)),
    ]),
    ...page.sections.map(({ title, lines }) => [heading(title), ...lines.map((it) => `  ${it}`)]),
  ];
  return `${blocks.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function optionLines(name: string, { value, short, help }: OptionSpec, room: number): string[] {
  const written = `${short === undefined ? "" : `-${short}, `}--${name}${value === null ? "" : ` ${value}`}`;
  const [first = "", ...rest] = wrapped(help, OPTION_COLUMN, room);
  const lead = `  ${written}  `.padEnd(OPTION_COLUMN);
  return lead.length > OPTION_COLUMN
    ? [lead.trimEnd(), first, ...rest]
    : [lead + first.slice(OPTION_COLUMN), ...rest];
}

function wrapped(text: string, indent: number, room: number): string[] {
  const plain = painter(false);
  return wrapLine([span(text)], room - indent).map((line) => " ".repeat(indent) + plain(line));
}
