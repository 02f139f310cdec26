/** One lint code: its page is docs/lint/CODE-NAME.md. Codes keep their meaning for ever; a gap is a code that was given up. */
interface CodeInfo {
  /** kebab-case, second half of the page's name. */
  readonly name: string;
  readonly level: "error" | "warning";
  /** What is asked of a rule, in one line. */
  readonly title: string;
}

const error = (name: string, title: string): CodeInfo => ({ name, level: "error", title });
const warning = (name: string, title: string): CodeInfo => ({ name, level: "warning", title });

/** Every code `rules lint` can print, those of parser and compiler included. */
export const CODES = {
  F001: error("edition", "A file begins with the edition of the language it is written in."),
  F002: error("syntax", "A file reads as the language."),
  F003: error("format", "A file is written as `rules fmt` writes it."),
  F004: error("duplicate", "A name is given once."),
  F005: error("file-place", "A rule stands alone in a file that has its name."),
  F006: error("unknown-word", "Facts and fields are those of the language."),
  F007: error("impossible-value", "A value is one that can occur."),
  F008: error("missing-part", "A rule has all its parts."),
  F009: error("source-symbol", "A mainline rule names the symbol of its source."),
  F010: error("source-path", "A source is a file of the source lock."),
  F011: error("source-unproven", "A source's symbol was found in the file at the locked commit."),
  F012: error("source-moved", "A checkout has every source where the rules and the lock say."),
  F013: warning("lock-age", "The locked commit is at most 60 days old."),
  F014: error("commit-override", "A commit of its own is written in full."),
  F015: error("check-date", "An in-flight rule says when its pull request was looked at."),
  F018: warning("stale-check", "A pull request was looked at within the last 45 days."),
  F020: warning("reference-address", "A reference is an https address."),
  F021: error("broken-reference", "Whatever a rule refers to exists."),
  F022: warning("unused-class", "A class that is named is used."),
  F023: error("too-broad", "A class of a rule's own holds few of all known kernels."),
  F024: warning("short-glob", "A glob holds on to at least six letters."),
  F025: warning("unknown-kernel", "A glob fits some kernel that is known."),
  F026: error("regex-cost", "A regular expression takes linear time on every text."),
  F027: warning("regex-for-glob", "What a glob can say is said by a glob."),
  F028: error("empty-class", "A class has something left after its exclusions."),
  F029: error("unreachable", "Every step and every state can be reached."),
  F030: error("contradictory-guards", "Guards can all hold at once."),
  F031: error("twin-rules", "Two rules do not say the same."),
  F032: error("shadowed", "A rule is not hidden wherever it matches."),
  F033: warning("overlap", "Rules that meet on the same kernels say which one wins."),
  F034: error(
    "subsumes-order",
    "`subsumes` runs from the larger to the smaller, never in a circle.",
  ),
  F035: error("active-in-split", "The proof of the fused path is no piece of the unfused one."),
  F036: warning("split-of-one", "A split has at least two pieces."),
  F037: warning("vendor-guard", "A rule about one vendor's kernels says so."),
  F038: warning("quant-guard", "A rule about quantised models says so."),
  F039: warning("parallel-guard", "A rule about communication says how many GPUs it needs."),
  F040: warning("loose-link", "The steps of a chain are near each other."),
  F041: warning("no-gap", "A chain of the unfused path bounds the idle time between its steps."),
  F042: error("untested-state", "Every state is shown by a test."),
  F043: error("no-near-miss", "A test shows what does not match, and why."),
  F044: error("failing-test", "The embedded tests pass."),
  F045: warning("invented-kernel", "Tests use kernel names that exist."),
  F046: warning("weak-tests", "The tests notice when the rule is changed."),
  F048: warning("message-words", "A verdict states facts and uses known placeholders."),
  F049: warning("causality", "A verdict does not claim a cause."),
  F050: error("deprecated-use", "A deprecated rule names its successor, and nobody builds on it."),
  F054: error("source-lock", "The source lock can be read."),
  F055: warning("old-experiment", "An experimental rule is promoted or dropped within 300 days."),
  F056: error("ignore-comment", "An ignored finding says which and why."),
  F057: warning("unused-ignore", "An ignore comment ignores something."),
} as const satisfies Record<string, CodeInfo>;

export type Code = keyof typeof CODES;

export function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}
