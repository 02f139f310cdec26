import { type CommandTable, type ProgramTable, spellings } from "./tables.ts";

/** Names under which a program is started besides its own. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  triage: ["fuse-triage", "analyze-llm-torch-profile", "analyze-sglang-torch-profile"],
};

/** For `source <(triage completion bash)`, or a file in bash-completion's folder. */
export function bashCompletion(programs: readonly ProgramTable[]): string {
  return `# Completion of ${programs.map(({ name }) => name).join(" and ")} in bash; made by: triage completion bash
_fuse_triage_words() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}
${programs.map(programScript).join("")}`;
}

function programScript({ name, default: meant, commands }: ProgramTable): string {
  const names = commands.map((one) => one.name);
  return `
_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" command=${meant ?? "''"}
  # bash takes "--format=text" for three words.
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev="\${COMP_WORDS[COMP_CWORD - 2]}"; fi
  COMPREPLY=()
  case "\${COMP_WORDS[1]}" in
    ${names.join(" | ")}) ((COMP_CWORD > 1)) && command="\${COMP_WORDS[1]}" ;;
  esac
  case "$command $prev" in
${commands.flatMap(valueCases).join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case "$command" in
${commands.map(optionCase).join("\n")}
    esac
    return
  fi
  if ((COMP_CWORD == 1)); then
    _fuse_triage_words ${words(names)} "$cur"
    local IFS=$'\\n'
    ${meant === null ? ":" : 'COMPREPLY+=($(compgen -f -- "$cur"))'}
  fi
}
complete -o default -F _${name} ${[name, ...(OTHER_NAMES[name] ?? [])].join(" ")}
`;
}

/** After an option that takes a value: its choices, else what the shell itself offers, which is files. */
function valueCases({ name, options }: CommandTable): readonly string[] {
  return options
    .filter(({ value }) => value !== null)
    .map((option) => {
      const cases = spellings(option).map((it) => `"${name} ${it}"`);
      const { choices } = option;
      const offer = choices.length === 0 ? "" : `_fuse_triage_words ${words(choices)} "$cur"; `;
      return `    ${cases.join(" | ")}) ${offer}return ;;`;
    });
}

function optionCase({ name, options }: CommandTable): string {
  return `      ${name}) _fuse_triage_words ${words(options.flatMap(spellings))} "$cur" ;;`;
}

/** A list of words as `compgen -W` takes it with line ends between. */
const words = (all: readonly string[]): string => `$'${all.join("\\n")}'`;
