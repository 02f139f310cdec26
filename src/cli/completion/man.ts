import { type CommandTable, type OptionRow, type ProgramTable, spellings } from "./tables.ts";

/** A page of the manual, in roff. */
export interface ManualPage {
  /** "triage-diff.1" */
  readonly file: string;
  readonly text: string;
}

/**
 * The manual of a program: a page for each command, that of the default command, or a list of all,
 * under the program's own name. Without a date, so that equal programs have equal manuals.
 *
 * @param version of the package, as the page's foot shows it
 */
export function manualPages(program: ProgramTable, version: string): readonly ManualPage[] {
  const { name, commands, default: meant } = program;
  const pages = commands.map((command) => {
    const title = command.name === meant ? name : `${name}-${command.name}`;
    return { file: `${title}.1`, text: page(title, command, program, version) };
  });
  return meant === null ? [overview(program, version), ...pages] : pages;
}

function page(
  title: string,
  { summary, page: { usage, summary: about, sections }, options }: CommandTable,
  { name, commands }: ProgramTable,
  version: string,
): string {
  const groups = [...new Set(options.map(({ group }) => group))];
  const isMain = title === name;
  return roff([
    ...head(title, summary, version),
    ".SH SYNOPSIS",
    ...usage.flatMap((line) => [".nf", escaped(line), ".fi"]),
    ".SH DESCRIPTION",
    escaped(about),
    ...(options.length === 0 ? [] : [".SH OPTIONS"]),
    ...groups.flatMap((group) => [
      `.SS ${escaped(group)}`,
      ...options.filter((option) => option.group === group).flatMap(optionLines),
    ]),
    ...sections.flatMap(({ title: heading, lines }) => [
      `.SH ${escaped(heading.toUpperCase())}`,
      ".nf",
      ...lines.map(escaped),
      ".fi",
    ]),
    ...seeAlso(isMain ? commands.map((one) => `${name}-${one.name}`) : [name], title),
  ]);
}

function overview({ name, commands }: ProgramTable, version: string): ManualPage {
  return {
    file: `${name}.1`,
    text: roff([
      ...head(name, "rules of fuse-triage: write, check and test them", version),
      ".SH SYNOPSIS",
      `.B ${name}`,
      "COMMAND [options]",
      ".SH COMMANDS",
      ...commands.flatMap((one) => [".TP", `.B ${one.name}`, escaped(one.summary)]),
      ...seeAlso(
        commands.map((one) => `${name}-${one.name}`),
        name,
      ),
    ]),
  };
}

const head = (title: string, summary: string, version: string): readonly string[] => [
  `.\\" Made from the option tables: npm run man`,
  `.TH ${title.toUpperCase()} 1 "" "fuse-triage ${version}"`,
  ".SH NAME",
  `${title} \\- ${escaped(summary)}`,
];

function seeAlso(titles: readonly string[], own: string): readonly string[] {
  const others = titles.filter((title) => title !== own && title !== `${own}-${own}`);
  return [".SH SEE ALSO", others.map((title) => `.BR ${title} (1)`).join(",\n")];
}

function optionLines(option: OptionRow): readonly string[] {
  const names = [...spellings(option)].reverse().join(", ");
  const value = option.value === null ? "" : ` ${option.value}`;
  return [".TP", `.B ${escaped(names + value)}`, escaped(option.help)];
}

const roff = (lines: readonly string[]): string => `${lines.join("\n")}\n`;

/** A dash is a dash to copy, and no line of text begins a request. */
const escaped = (text: string): string => ascii(plain(text));

/** Letters beyond ASCII by their number, which every roff draws as it can. */
const ascii = (text: string): string =>
  text.replace(/[^\u0020-\u007e\n]/gu, (char) => {
    const code = char.codePointAt(0)!.toString(16).toUpperCase();
    return `\\[u${code.padStart(4, "0")}]`;
  });

const plain = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/gm, "\\&");
