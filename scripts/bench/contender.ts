/**
 * One timed run in a process of its own, bundled like the program, so that neither the compiler nor
 * an earlier run counts: `node .bench/contender.js NAME FILE` prints milliseconds, events and peak memory.
 */
import { createReadStream, readFileSync } from "node:fs";
import { createGunzip, gunzipSync } from "node:zlib";
import { runProgram } from "../../src/cli/process/run-program.ts";
import { optimiseLater } from "../../src/cli/process/short-lived.ts";
import { TRIAGE } from "../../src/cli/triage/program.ts";
import { readTrace } from "../../src/ingest/read-trace.ts";

const [name = "", file = ""] = process.argv.slice(2);

const CONTENDERS: Readonly<Record<string, (path: string) => Promise<number>>> = {
  /** Decompression alone: the floor under every reader of packed traces. */
  async gunzip(path) {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }).pipe(
      createGunzip({ chunkSize: 1 << 20 }),
    ))
      if (chunk.length === 0) throw new Error("empty chunk");
    return 0;
  },
  /** The whole document at once; impossible beyond Node's longest string. */
  async "json-parse"(path) {
    const bytes = readFileSync(path);
    const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString();
    return JSON.parse(text).traceEvents.length;
  },
  async read(path) {
    return (await readTrace(path)).origin.events;
  },
  /** `triage FILE` with its report; the last line printed is the measurement all the same. */
  async command(path) {
    await runProgram(TRIAGE, [path, "--rules", "rules"]);
    if (process.exitCode !== 0) throw new Error(`triage ended with ${process.exitCode}`);
    return 0;
  },
  async reference(path) {
    return (await readTrace(path, { reader: "reference" })).origin.events;
  },
};

optimiseLater();
const start = performance.now();
const events = await CONTENDERS[name]!(file);
const ms = performance.now() - start;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuMs = (userCPUTime + systemCPUTime) / 1000;
console.log(JSON.stringify({ ms, cpuMs, events, peakKb: maxRSS }));
