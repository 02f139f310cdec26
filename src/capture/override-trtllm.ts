import { EXIT, TriageError } from "../model/errors.ts";
import { PythonSyntaxError, type PythonToken, pythonTokens } from "./override/python-tokens.ts";

/** A replacement of `source[start, end)`, with what it does in words. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly what: string;
}

interface TrtllmOverride {
  /** The patched source: same line ends, everything else untouched. */
  readonly text: string;
  /** What changed, by 1-based line of the original. Empty when stacks were already recorded. */
  readonly changes: readonly { readonly line: number; readonly what: string }[];
  /** What the user should know although nothing failed. */
  readonly notes: readonly string[];
}

/** Where the call has lived, relative to the installed `tensorrt_llm` package; newest first. */
export const TRTLLM_PROFILER_FILES = [
  "_torch/pyexecutor/profiling.py",
  "_torch/pyexecutor/py_executor.py",
] as const;

/**
 * Makes TensorRT-LLM record Python stacks: no release passes `with_stack` to `torch.profiler.profile`,
 * so kernels have no Python location. Every such call in the file gets `with_stack=True`; in sources
 * that write all ranks to one file, tracing is limited to rank 0.
 *
 * @param source text of `py_executor.py` (until mid 2026) or `profiling.py` (since)
 * @param path shown in errors
 * @throws {TriageError} `override/…` when the source has no such call or cannot be edited safely.
 */
export function overrideTrtllm(source: string, path: string): TrtllmOverride {
  const tokens = readTokens(source, path);
  const code = tokens.filter(({ kind }) => kind !== "comment" && kind !== "newline");
  const calls = profilerCalls(code);
  if (calls.length === 0) {
    throw refusal("no-profiler-call", "no call of torch.profiler.profile(…) in this file", path, {
      hint: `Give ${TRTLLM_PROFILER_FILES.join(" or ")} of the installed tensorrt_llm package.`,
    });
  }
  const edits = calls.flatMap((open) => stackEdit(source, code, open, path));
  const guard = rankGuard(source, tokens);
  edits.push(...guard.edits);
  return {
    text: applyEdits(source, edits),
    changes: edits.map(({ start, what }) => ({ line: lineOf(source, start), what })),
    notes: guard.notes,
  };
}

function readTokens(source: string, path: string): PythonToken[] {
  try {
    return pythonTokens(source);
  } catch (error) {
    if (!(error instanceof PythonSyntaxError)) throw error;
    throw refusal("not-python", error.message, `${path}:${lineOf(source, error.offset)}`, {
      hint: "Copy the file out of the image again; it is not complete Python.",
    });
  }
}

/** Indexes (in `code`) of the opening parentheses of profiler calls. */
function profilerCalls(code: readonly PythonToken[]): number[] {
  const imported = importsProfile(code);
  const found: number[] = [];
  code.forEach((token, index) => {
    if (token.text !== "profile" || code[index + 1]?.text !== "(") return;
    const before = code[index - 1]?.text;
    const qualified = before === "." && code[index - 2]?.text === "profiler";
    const bare = imported && before !== "." && before !== "def";
    if (qualified || bare) found.push(index + 1);
  });
  return found;
}

function importsProfile(code: readonly PythonToken[]): boolean {
  return code.some(
    (token, index) =>
      token.text === "import" &&
      code[index - 1]?.text === "profiler" &&
      code.slice(index + 1, index + 12).some(({ text }) => text === "profile"),
  );
}

/** The edit that makes one call record stacks; none when it already does. */
function stackEdit(
  source: string,
  code: readonly PythonToken[],
  open: number,
  path: string,
): Edit[] {
  const paren = code[open]!;
  const place = `${path}:${lineOf(source, paren.start)}`;
  const args = callArguments(code, open);
  const existing = args.find(
    ([name, equals]) => name?.text === "with_stack" && equals?.text === "=",
  );
  if (existing !== undefined) return setToTrue(source, existing);
  if (args.some(([first]) => first?.text === "*")) {
    throw refusal("unpacked-arguments", "the profiler call unpacks arguments", place, {
      hint: "with_stack may already be among them: set it by hand.",
    });
  }
  if (args.some(([name, equals]) => name?.kind !== "name" || equals?.text !== "=")) {
    throw refusal("positional-arguments", "the profiler call has positional arguments", place, {
      hint: "torch.profiler.profile takes keywords only; this is not the expected source.",
    });
  }
  const next = source[paren.end] ?? "";
  const separator = args.length === 0 ? "" : /\s/.test(next) ? "," : ", ";
  return [
    {
      start: paren.end,
      end: paren.end,
      text: `with_stack=True${separator}`,
      what: "with_stack=True added to the profiler call",
    },
  ];
}

function setToTrue(source: string, argument: readonly PythonToken[]): Edit[] {
  const start = argument[2]?.start ?? argument[1]!.end;
  const end = argument.at(-1)!.end;
  const value = source.slice(start, end);
  if (value === "True") return [];
  return [{ start, end, text: "True", what: `with_stack=${value} set to True` }];
}

/** The arguments of a call as their tokens, without the commas between them. */
function callArguments(code: readonly PythonToken[], open: number): PythonToken[][] {
  const outer = code[open]!.depth;
  const args: PythonToken[][] = [];
  let current: PythonToken[] = [];
  for (let index = open + 1; index < code.length; index++) {
    const token = code[index]!;
    const ends = token.depth === outer && token.text === ")";
    if (ends || (token.depth === outer + 1 && token.text === ",")) {
      if (current.length > 0) args.push(current);
      current = [];
      if (ends) break;
    } else current.push(token);
  }
  return args;
}

/**
 * Early sources let every rank write the same trace file. Where no `-rank-` suffix is built, the
 * assignment that switches tracing on is limited to rank 0.
 */
function rankGuard(
  source: string,
  tokens: readonly PythonToken[],
): { edits: Edit[]; notes: string[] } {
  const suffixed = tokens.some(({ kind, text }) => kind === "string" && text.includes("-rank-"));
  if (suffixed) return { edits: [], notes: [] };
  const index = tokens.findIndex(
    ({ text }, at) => text === "enable_torch_trace" && tokens[at + 1]?.text === "=",
  );
  if (index < 0 || !/\bself\.dist\b/.test(source)) {
    const note =
      "No rank suffix and no enable_torch_trace assignment found: with several ranks the";
    return { edits: [], notes: [`${note} trace file may be written by all of them at once.`] };
  }
  const statement = statementTokens(tokens, index + 2);
  if (statement.length === 0) return { edits: [], notes: [] };
  const text = source.slice(statement[0]!.start, statement.at(-1)!.end);
  if (/\bdist\.rank\s*==\s*0/.test(text)) return { edits: [], notes: [] };
  const start = statement[0]!.start;
  const what = "tracing limited to rank 0 (all ranks write one file here)";
  const guarded = `self.dist.rank == 0 and (${text})`;
  return { edits: [{ start, end: start + text.length, text: guarded, what }], notes: [] };
}

/** Tokens of the rest of a statement, comments left out. */
function statementTokens(tokens: readonly PythonToken[], from: number): PythonToken[] {
  const statement: PythonToken[] = [];
  for (const token of tokens.slice(from)) {
    if (token.kind === "newline" && token.depth === 0) break;
    if (token.kind !== "newline" && token.kind !== "comment") statement.push(token);
  }
  return statement;
}

function applyEdits(source: string, edits: readonly Edit[]): string {
  let text = source;
  for (const { start, end, text: replacement } of [...edits].sort((a, b) => b.start - a.start))
    text = text.slice(0, start) + replacement + text.slice(end);
  return text;
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

function refusal(code: string, message: string, place: string, { hint }: { hint: string }) {
  return new TriageError({
    code: `override/${code}`,
    exit: EXIT.unreadable,
    message,
    place,
    hint,
  });
}
