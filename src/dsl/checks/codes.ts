/** One lint code. Its page is docs/lint/CODE.md. Codes and numbers keep their meaning for ever; a gap is a number that was given up. */
interface CodeInfo {
  /** How it was called when codes were numbers; comments may still say so. */
  readonly number: string;
  readonly level: "error" | "warning";
  /** What is asked of a rule, in one line. */
  readonly title: string;
}

const error = (number: string, title: string): CodeInfo => ({ number, level: "error", title });
const warning = (number: string, title: string): CodeInfo => ({ number, level: "warning", title });

/** Every code `rules lint` can print, those of parser and compiler included. */
export const CODES = {
  "missing-edition": error(
    "F001",
    "A file begins with the edition of the language it is written in.",
  ),
  syntax: error("F002", "A file reads as the language."),
  unformatted: error("F003", "A file is written as `rules fmt` writes it."),
  "duplicate-name": error("F004", "A name is given once."),
  "file-place": error("F005", "A rule stands alone in a file that has its name."),
  "unknown-word": error("F006", "Facts and fields are those of the language."),
  "impossible-value": error("F007", "A value is one that can occur."),
  "missing-part": error("F008", "A rule has all its parts."),
  "source-symbol": error("F009", "A mainline rule names the symbol of its source."),
  "source-path": error("F010", "A source is a file of the source lock."),
  "source-unproven": error("F011", "A source's symbol was found in the file at the locked commit."),
  "source-moved": error("F012", "A checkout has every source where the rules and the lock say."),
  "lock-age": warning("F013", "The locked commit is at most 60 days old."),
  "commit-override": error("F014", "A commit of its own is written in full, or is a release."),
  "check-date": error("F015", "An in-flight rule says when its pull request was looked at."),
  "stale-check": warning("F018", "A pull request was looked at within the last 45 days."),
  "reference-address": error("F020", "A reference is an https address."),
  "broken-reference": error("F021", "Whatever a rule refers to exists."),
  "unused-class": error("F022", "A class that is named is used."),
  "broad-class": error("F023", "A class of a rule's own holds few of all known kernels."),
  "short-glob": warning("F024", "A glob holds on to at least six letters."),
  "unknown-kernel": error("F025", "A glob fits some kernel that is known."),
  "empty-class": error("F028", "A class has something left after its exclusions."),
  "unreachable-state": error("F029", "Every step and every state can be reached."),
  "contradictory-guards": error("F030", "Guards can all hold at once."),
  "twin-rules": error("F031", "Two rules do not say the same."),
  "shadowed-rule": error("F032", "A rule is not hidden wherever it matches."),
  "undeclared-overlap": error("F033", "Rules that meet on the same kernels say which one wins."),
  "subsumes-order": error(
    "F034",
    "`subsumes` runs from the larger to the smaller, never in a circle.",
  ),
  "active-in-split": error("F035", "The proof of the fused path is no piece of the unfused one."),
  "split-of-one": error("F036", "A split has at least two pieces."),
  "vendor-guard": error("F037", "A rule about one vendor's kernels says so."),
  "quant-guard": error("F038", "A rule about quantised models says so."),
  "parallel-guard": error("F039", "A rule about communication says how many GPUs it needs."),
  "loose-link": error("F040", "The steps of a chain are near each other."),
  "unbounded-gap": error(
    "F041",
    "A chain of the unfused path bounds the idle time between its steps.",
  ),
  "untested-state": error("F042", "Every state is shown by a test."),
  "no-near-miss": error("F043", "A test shows what does not match, and why."),
  "failing-test": error("F044", "The embedded tests pass."),
  "invented-kernel": error("F045", "Tests use kernel names that exist."),
  "weak-tests": error("F046", "The tests notice when the rule is changed."),
  "message-words": error("F048", "A verdict states facts and uses known placeholders."),
  "claimed-cause": error("F049", "A verdict does not claim a cause."),
  "deprecated-use": error(
    "F050",
    "A deprecated rule names its successor, and nobody builds on it.",
  ),
  "source-lock": error("F054", "The source lock can be read."),
  "old-experiment": warning("F055", "An experimental rule is promoted or dropped within 300 days."),
  "ignore-comment": error("F056", "An ignored finding says which and why."),
  "unused-ignore": warning("F057", "An ignore comment ignores something."),
  "shared-words": error("F058", "Categories told by words exclude each other."),
  "vacuous-near-miss": error("F070", "A near miss holds kernels that the rule asks for."),
  "todo-left": error("F071", "Nothing is left to be filled in."),
  "empty-clause": error("F072", "Every clause of a pattern changes what it finds."),
  "exchanged-states": error("F073", "The fused path has no more kernels than the unfused one."),
  "wrong-guard": error("F080", "Guards fit the kernels, the folder and the sources of a rule."),
  "idle-guard": error("F081", "Every guard leaves something out."),
  "source-pr": error("F082", "The file of a pull request belongs to one that the status names."),
  "same-test": error("F083", "Every test asks something of its own."),
  "unshown-message": error("F084", "A message belongs to a state that can occur."),
  "unlikely-number": error("F085", "A number has the size of what it measures."),
  "unsaid-saving": error(
    "F087",
    "A rule says what it saves where that is not all but the longest step.",
  ),
  "unknown-switch": error("F086", "A checkout has every switch that a rule recommends."),
  "release-span": error("F093", "What a source says of releases is what was found in them."),
  "unmatched-source": error("F090", "A rule looks for the kernel that its source declares."),
  "division-by-zero": error("F059", "A work model divides by what is not zero."),
  "index-outside": error("F060", "A work model asks for inputs and dims its op has."),
  "never-applies": error("F061", "A work model applies to some call."),
} as const satisfies Record<string, CodeInfo>;

export type Code = keyof typeof CODES;

export function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}

/** The code that a name or a number means; null for neither. */
export function codeOf(text: string): Code | null {
  if (isCode(text)) return text;
  return (Object.keys(CODES) as Code[]).find((code) => CODES[code].number === text) ?? null;
}
