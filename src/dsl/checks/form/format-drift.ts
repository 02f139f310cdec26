import type { SourceRange } from "../../../model/diagnostic.ts";
import { printFuse } from "../../format/index.ts";
import type { Check } from "../check.ts";

/** unformatted. Files that do not parse are left alone. */
export const formatDrift: Check = {
  code: "unformatted",
  *run({ loaded }) {
    for (const { ast, file, text } of loaded.files) {
      if (!ast.complete) continue;
      const formatted = printFuse(ast, text);
      if (formatted === text) continue;
      yield {
        file,
        range: firstDifference(text, formatted),
        message: "the file is not formatted; this is the first line that differs",
        help: "run `rules fmt`",
        fix: { range: { start: 0, end: text.length, line: 1, column: 1 }, text: formatted },
      };
    }
  },
};

function firstDifference(text: string, formatted: string): SourceRange {
  const lines = text.split("\n");
  const wanted = formatted.split("\n");
  const index = lines.findIndex((line, at) => line !== wanted[at]);
  // Only further lines are missing: point at the last.
  const at = index < 0 ? lines.length - 1 : index;
  const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
  return { start, end: start + lines[at]!.length, line: at + 1, column: 1 };
}
