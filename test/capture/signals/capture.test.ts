import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { FrameworkId } from "../../../src/model/framework.ts";
import { double, launchedDouble, scratchFolder } from "../../support/doubles/capture-from.ts";
import type { Double } from "../../support/doubles/double.ts";
import type { Faults } from "../../support/doubles/fault.ts";
import {
  type Ended,
  endedBy,
  endedWhen,
  INTERRUPTED,
  litterIn,
  recordIn,
} from "./ended-program.ts";

const FRAMEWORKS = ["sglang", "vllm", "trtllm", "tokenspeed"] as const;

interface Moment {
  readonly faults: Partial<Faults>;
  /** Whether it has come, by the server and by what the run has written. */
  when(server: Double, output: string): boolean;
  /** Later than that; then nothing is to be tidied up any more. */
  readonly afterMs?: number;
}

const asked = (server: Double, path: string) =>
  server.calls.some((call) => call.path.endsWith(path));
const stageIs = (output: string, status: string) =>
  recordIn(output)?.stages.some((stage) => stage.status === status) ?? false;

/** Seconds of the doubles pass twenty times as fast as the program's. */
const MOMENTS: Readonly<Record<string, Moment>> = {
  recognising: { faults: {}, when: (server) => server.calls.length > 0 },
  "warming up": {
    faults: { forwardSeconds: 1 },
    when: (server) => asked(server, "/generate") || asked(server, "/v1/completions"),
  },
  starting: { faults: { forwardSeconds: 1 }, when: (server) => asked(server, "/start_profile") },
  recording: { faults: { forwardSeconds: 1 }, when: (server) => server.running() },
  saving: { faults: { flushSeconds: 10 }, when: (server) => asked(server, "/stop_profile") },
  "waiting for files": { faults: {}, when: (_, output) => stageIs(output, "waiting") },
  analysing: {
    faults: {},
    when: (_, output) => recordIn(output)?.status === "complete",
    afterMs: 200,
  },
};

/** Rules that take seconds to compile, without a pause. */
const slow = scratchFolder();
beforeAll(() => {
  for (let file = 0; file < 2; file++) {
    const classes = Array.from({ length: 15_000 }, (_, i) => `let a${i} = name "*k${i}_${file}*"`);
    writeFileSync(join(slow, `many${file}.fuse`), `fuse 1\n\n${classes.join("\n")}\n`);
  }
});

async function endedAt(
  framework: FrameworkId,
  { faults, when, afterMs }: Moment,
  signal: NodeJS.Signals,
): Promise<{ ended: Ended; server: Double; output: string }> {
  const { double: server, traceDir } =
    framework === "vllm"
      ? await launchedDouble({ framework, faults })
      : { double: await double({ framework, faults }), traceDir: null };
  const output = join(scratchFolder(), "run");
  const args = [
    ...["--url", server.url, "--output-dir", output, "--rules", slow],
    ...["--workload", "decode", "--decode-output-len", "16", "--active-steps", "2"],
    ...["--warmup-steps", "2", "--quiet-period", "1"],
    ...(traceDir === null ? [] : ["--trace-dir", traceDir]),
  ];
  const ended = await endedWhen(args, [signal], () => when(server, output), afterMs);
  return { ended, server, output };
}

async function endsWell(
  framework: FrameworkId,
  moment: Moment,
  signal: NodeJS.Signals,
): Promise<void> {
  const { ended, server, output } = await endedAt(framework, moment, signal);
  expect(ended.came).toBe(true);
  const isOver = moment.afterMs !== undefined;
  if (isOver) expect(endedBy(signal, ended)).toBe(true);
  else expect(ended).toMatchObject({ code: INTERRUPTED, signal: null });
  expect(ended.err).not.toMatch(/\n\s+at /);
  expect(ended.ms).toBeLessThan(isOver ? 1_500 : 8_000);
  await vi.waitFor(() => expect(server.running()).toBe(false), 10_000);
  expect(litterIn(output)).toEqual([]);
}

const PAIRS = [
  ["SIGINT", "SIGTERM"],
  ["SIGHUP", "SIGQUIT"],
] as const;

describe.concurrent.each(FRAMEWORKS)("%s", (framework) => {
  describe.concurrent.each(Object.entries(MOMENTS))("while %s", (_, moment) => {
    // Two at once: most of their time is waiting.
    test.each(PAIRS)(
      "%s and %s: nothing is left running, and nothing half written",
      { timeout: 60_000 },
      async (...signals) => {
        await Promise.all(signals.map((signal) => endsWell(framework, moment, signal)));
      },
    );
  });
});

test.concurrent.each(FRAMEWORKS)("%s: somebody else's profile goes on", async (framework) => {
  const moment = {
    faults: { alreadyRunning: true, forwardSeconds: 1 },
    when: (server: Double) => server.calls.length > 1,
  };
  const { server } = await endedAt(framework, moment, "SIGTERM");
  expect(server.running()).toBe(true);
});
