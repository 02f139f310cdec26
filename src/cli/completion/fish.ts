import { type CommandTable, firstSentence, type OptionRow, type ProgramTable } from "./tables.ts";

/** For ~/.config/fish/completions/triage.fish, or `triage completion fish | source`. */
export function fishCompletion(programs: readonly ProgramTable[]): string {
  const names = programs.map(({ name }) => name).join(" and ");
  return `# Completion of ${names} in fish; made by: triage completion fish
${programs.flatMap(programLines).join("\n")}
`;
}

function programLines({ name, default: meant, commands }: ProgramTable): readonly string[] {
  const all = commands.map((one) => one.name).join(" ");
  const without = `not __fish_seen_subcommand_from ${all}`;
  return [
    ...commands.map(
      (one) => `complete -c ${name} -n ${quoted(without)} -a ${one.name} -d ${quoted(one.summary)}`,
    ),
    ...commands.flatMap((one) => optionLines(name, one, `__fish_seen_subcommand_from ${one.name}`)),
    ...commands
      .filter((one) => one.name === meant)
      .flatMap((one) => optionLines(name, one, without)),
  ];
}

const optionLines = (program: string, { options }: CommandTable, when: string): readonly string[] =>
  options.map((option) => optionLine(program, option, when));

function optionLine(program: string, option: OptionRow, when: string): string {
  const { name, short, value, choices, help } = option;
  const letter = short === null ? "" : ` -s ${short}`;
  const taken =
    value === null ? "" : choices.length > 0 ? ` -x -a ${quoted(choices.join(" "))}` : " -r";
  return `complete -c ${program} -n ${quoted(when)} -l ${name}${letter}${taken} -d ${quoted(firstSentence(help))}`;
}

const quoted = (text: string): string => `'${text.replace(/['\\]/g, "\\$&")}'`;
