import { spawn } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { builtCommand, runCommand } from "../support/built-cli.ts";
import { replicatedChunks } from "../support/synth/replicate.ts";
import { traceText } from "../support/synth/serialise.ts";
import { traceSpec } from "../support/synth/spec.ts";
import { synthesiseRanks } from "../support/synth/synthesise.ts";
import { gzipped, writeChunks } from "../support/synth/write.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const TRIAGE = builtCommand("triage");
const spec = traceSpec({ engine: "sglang", tp: 4, layers: 2, stacks: false, shapes: false });
const traces = synthesiseRanks(spec);

/** Four ranks, of which these are no traces. */
function job(broken: readonly number[] = []): string {
  return temporaryFolder(
    Object.fromEntries(
      traces.map((trace, rank) => [
        `1-TP-${rank}-DECODE.trace.json.gz`,
        gzipped(broken.includes(rank) ? '{"traceEvents": [' : traceText(trace)),
      ]),
    ),
  );
}

test.each([["triage", "--all-ranks", "--min-share=0"], ["ranks"]])(
  "%s: the same bytes whatever the jobs",
  (...command) => {
    const folder = job();
    const bytes = (jobs: number) =>
      runCommand(TRIAGE, [...command, folder, "--rules", "rules", "-f", "json", `--jobs=${jobs}`]);
    const one = bytes(1);
    expect({ code: one.code, err: one.err }).toEqual({ code: 0, err: "" });
    expect(bytes(4)).toEqual(one);
    expect(bytes(3)).toEqual(one);
  },
);

test("ranks that cannot be read do not lose the others, in threads or not", () => {
  const folder = job([1, 3]);
  const args = [folder, "--all-ranks", "--rules", "rules", "-f", "json"];
  const one = runCommand(TRIAGE, [...args, "--jobs=1"]);
  expect(one.code).toBe(3);
  const reports = JSON.parse(one.out) as { traces: { rank: number }[] }[];
  expect(reports.map(({ traces: [trace] }) => trace!.rank)).toEqual([0, 2]);
  expect(one.err.match(/TP-[13]/g)).toEqual(expect.arrayContaining(["TP-1", "TP-3"]));
  expect(runCommand(TRIAGE, [...args, "--jobs=4"])).toEqual(one);
});

test("no rank left is the first one's error", () => {
  const { code, out } = runCommand(TRIAGE, [job([0, 1, 2, 3]), "--all-ranks", "--jobs=2"]);
  expect({ code, out }).toEqual({ code: 3, out: "" });
});

test("Ctrl-C ends every thread at once", async () => {
  const folder = temporaryFolder({});
  const paths = [0, 1].map((rank) => join(folder, `1-TP-${rank}-DECODE.trace.json`));
  for (const path of paths) await writeChunks(replicatedChunks(traces[0]!, { bytes: 120e6 }), path);
  const child = spawn(process.execPath, [
    TRIAGE,
    folder,
    "--all-ranks",
    "--jobs=2",
    "-o",
    join(folder, "out"),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const asked = Date.now();
  child.kill("SIGINT");
  const how = await new Promise((resolve) => child.on("exit", (_, signal) => resolve(signal)));
  // Of which a shell makes 130.
  expect(how).toBe("SIGINT");
  expect(Date.now() - asked).toBeLessThan(4_000);
}, 60_000);
