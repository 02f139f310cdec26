import {
  type CommandTable,
  firstSentence,
  type OptionRow,
  type ProgramTable,
  spellings,
} from "./tables.ts";

/** For a file `_triage` in `$fpath`, or `source <(triage completion zsh)`. */
export function zshCompletion(programs: readonly ProgramTable[]): string {
  const names = programs.map(({ name }) => name).join(" ");
  return `#compdef ${names}
# Completion of ${names.replace(" ", " and ")} in zsh; made by: triage completion zsh
${programs.map(programScript).join("")}
if [ "$funcstack[1]" = "_triage" ]; then
  "_\${service:-triage}" "$@"
else
  compdef _triage triage
  compdef _rules rules
fi
`;
}

function programScript({ name, default: meant, commands }: ProgramTable): string {
  const lines = commands.map((one) => `    ${quoted(`${one.name}:${one.summary}`)}`);
  const fallback = commands.find((one) => one.name === meant);
  return `
_${name}() {
  local -a commands
  commands=(
${lines.join("\n")}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe -t commands command commands${meant === null ? "" : "\n    _files"}
    return
  fi
  case $words[2] in
${commands.map((one) => commandCase(one, true)).join("\n")}
${fallback === undefined ? "" : commandCase({ ...fallback, name: "*" }, false)}
  esac
}
`;
}

/** @param isNamed whether the command's name stands before what is completed */
function commandCase({ name, options }: CommandTable, isNamed: boolean): string {
  const specs = options.map((option) => `      ${argument(option)}`);
  const shift = isNamed ? "shift words; (( CURRENT-- ))\n      " : "";
  return `    ${name})
      ${shift}_arguments -s \\
${[...specs, "      '*:file:_files'"].join(" \\\n")} ;;`;
}

function argument(option: OptionRow): string {
  const { value, choices, multiple, help } = option;
  const names = spellings(option);
  const said = `[${firstSentence(help).replace(/[[\]\\]/g, "\\$&")}]`;
  const action = choices.length > 0 ? `(${choices.join(" ")})` : "_files";
  const taken = value === null ? "" : `:${value.replace(/[:|]/g, " ")}:${action}`;
  const star = multiple ? "*" : "";
  if (names.length === 1) return quoted(`${star}${names[0]}${said}${taken}`);
  const alone = multiple ? "*" : `(${names.join(" ")})`;
  return `${quoted(alone)}{${names.join(",")}}${quoted(`${said}${taken}`)}`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
