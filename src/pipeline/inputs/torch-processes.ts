import { basename } from "node:path";
import { groupBy } from "../../base/group-by.ts";
import type { TraceFile } from "../../model/trace/trace-selection.ts";

/** "worker7_4711.1698957662168769395.pt.trace.json.gz": host, process and time, and no rank. */
const TORCH_NAME = /^(.+_\d+)\.(\d{10,})\.pt\.trace\.json/;

/**
 * Of files as torch's own handler names them the newest of each process: every process is another
 * rank, which only the traces themselves tell.
 */
export function newestOfProcesses(files: readonly TraceFile[]): TraceFile[] {
  const named = files.flatMap((file) => {
    const found = file.rank === null ? TORCH_NAME.exec(basename(file.path)) : null;
    return found === null ? [] : [{ file, process: found[1]!, time: found[2]! }];
  });
  return [...groupBy(named, ({ process }) => process).values()].map(
    (own) =>
      own.reduce((a, b) =>
        a.time.length < b.time.length || (a.time.length === b.time.length && a.time < b.time)
          ? b
          : a,
      ).file,
  );
}
