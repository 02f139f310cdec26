import { describe, expect, test, vi } from "vitest";
import type { FrameworkId } from "../../src/model/framework.ts";
import {
  type Captured,
  captureFrom,
  double,
  launchedDouble,
} from "../support/doubles/capture-from.ts";
import type { Double } from "../support/doubles/double.ts";
import { type Faults, GARBLED } from "../support/doubles/fault.ts";

const FRAMEWORKS = ["sglang", "vllm", "trtllm", "tokenspeed"] as const;

/** One moment of every stretch of a capture. */
const ROUTES = ["/v1/models", "/start_profile", "/v1/completions", "/stop_profile"] as const;

const MOST_BYTES = 256 << 20;

async function captureWith(
  framework: FrameworkId,
  faults: Partial<Faults>,
  controller: AbortController | null = null,
  when: (server: Double) => boolean = () => false,
): Promise<Captured> {
  const { double: server, traceDir } =
    framework === "vllm"
      ? await launchedDouble({ framework, faults })
      : { double: await double({ framework, faults }), traceDir: null };
  const watch = setInterval(() => {
    if (when(server)) controller?.abort(new Error("ended"));
  }, 2);
  const signal = controller?.signal ?? null;
  try {
    return await captureFrom(server, { traceDir }, { signal });
  } finally {
    clearInterval(watch);
  }
}

/** Started as often as stopped: by what the server itself takes for running. */
async function isLeftAlone({ double: server }: Captured): Promise<void> {
  await vi.waitFor(() => expect(server.running()).toBe(false), 10_000);
}

describe.concurrent.each(FRAMEWORKS)("%s", (framework) => {
  test.each(ROUTES.flatMap((path) => GARBLED.map((body) => [path, body] as const)))(
    "answers %s with what is %s: an answer or an error of ours, little memory, nothing left running",
    { timeout: 60_000 },
    async (path, body) => {
      const before = process.memoryUsage().rss;
      const captured = await captureWith(framework, { garbled: { path, body } });
      expect(captured.error?.name ?? "TriageError").toBe("TriageError");
      expect(process.memoryUsage().rss - before).toBeLessThan(MOST_BYTES);
      await isLeftAlone(captured);
    },
  );

  test.each([
    ["recognising", (server: Double) => server.calls.length > 0],
    [
      "starting",
      (server: Double) => server.calls.some(({ path }) => path.endsWith("/start_profile")),
    ],
    ["recording", (server: Double) => server.running()],
    [
      "stopping",
      (server: Double) => server.calls.some(({ path }) => path.endsWith("/stop_profile")),
    ],
  ])("ended while %s: nothing is left running", { timeout: 60_000 }, async (_, when) => {
    const captured = await captureWith(
      framework,
      { forwardSeconds: 1, flushSeconds: 2 },
      new AbortController(),
      when,
    );
    expect(captured.error?.name ?? "TriageError").toBe("TriageError");
    await isLeftAlone(captured);
  });
});
