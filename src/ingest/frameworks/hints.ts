import { compareText } from "../../base/compare-text.ts";
import type { FrameworkHints } from "../../model/framework.ts";
import { type Trace, text } from "../../model/trace/trace.ts";

/** Enough to see any engine: its own files are among the frames of every step. */
const MOST_FRAMES = 4000;

/** Distinct frame texts (most frequent first) and annotation names of a trace. */
export function collectHints(
  trace: Trace,
  options: Pick<FrameworkHints, "serverArgs" | "fileName">,
): FrameworkHints {
  const counts = new Uint32Array(trace.strings.length);
  for (let row = 0; row < trace.frames.count; row++) counts[trace.frames.name[row]!]!++;
  const frames: { text: string; count: number }[] = [];
  for (let id = 1; id < counts.length; id++) {
    const name = text(trace, id);
    if (counts[id]! > 0 && name.includes(".py(")) frames.push({ text: name, count: counts[id]! });
  }
  frames.sort((a, b) => b.count - a.count || compareText(a.text, b.text));
  const annotations = new Set<string>();
  for (let row = 0; row < trace.annotations.count; row++)
    annotations.add(text(trace, trace.annotations.name[row]!));
  return {
    frames: frames.slice(0, MOST_FRAMES),
    annotations: [...annotations],
    serverArgs: options.serverArgs,
    fileName: options.fileName,
    trace,
  };
}
