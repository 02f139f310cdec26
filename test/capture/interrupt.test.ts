import { describe, expect, test, vi } from "vitest";
import { EXIT } from "../../src/model/errors.ts";
import type { FrameworkId } from "../../src/model/framework.ts";
import {
  type Captured,
  captureFrom,
  double,
  launchedDouble,
} from "../support/doubles/capture-from.ts";
import type { Double } from "../support/doubles/double.ts";
import type { Faults } from "../support/doubles/fault.ts";

/** A capture that is interrupted as soon as `when` holds of its double. */
async function interruptedAt(
  framework: FrameworkId,
  faults: Partial<Faults>,
  when: (double: Double) => boolean,
): Promise<{ captured: Captured; seconds: number }> {
  const { double: server, traceDir } =
    framework === "vllm"
      ? await launchedDouble({ framework, faults })
      : { double: await double({ framework, faults }), traceDir: null };
  const controller = new AbortController();
  let at = 0;
  const watch = setInterval(() => {
    if (!when(server)) return;
    clearInterval(watch);
    at = performance.now();
    controller.abort(new Error("Ctrl-C"));
  }, 2);
  const captured = await captureFrom(server, { traceDir }, { signal: controller.signal });
  clearInterval(watch);
  return { captured, seconds: (performance.now() - at) / 1000 };
}

function sent(double: Double, path: string): number {
  return double.calls.filter((call) => call.method === "POST" && call.path === path).length;
}

/** Until a request of the window is being answered: slow, because another profile saves first. */
const during = (path: string) => (double: Double) => sent(double, path) > 0;

describe.concurrent("an interruption", () => {
  test.each(["sglang", "vllm", "trtllm", "tokenspeed"] as const)(
    "%s: stops a recording of ours",
    async (framework) => {
      const { captured } = await interruptedAt(framework, { forwardSeconds: 2 }, (server) =>
        server.running(),
      );
      expect(captured.error).toMatchObject({
        code: "capture/interrupted",
        exit: EXIT.interrupted,
      });
      // SGLang cannot stop a window before its first step: it gets that step and a second stop.
      const stops = sent(captured.double, "/stop_profile");
      expect(stops).toBeGreaterThan(0);
      expect(stops).toBeLessThanOrEqual(framework === "sglang" ? 2 : 1);
      await vi.waitFor(() => expect(captured.double.running()).toBe(false), 5000);
      expect(captured.record).toMatchObject({
        status: "failed",
        failure: { code: "capture/interrupted" },
      });
    },
  );

  test("before anything was started, nothing is stopped", async () => {
    const { captured } = await interruptedAt(
      "vllm",
      { forwardSeconds: 2 },
      during("/v1/completions"),
    );
    expect(captured.error?.code).toBe("capture/interrupted");
    expect(sent(captured.double, "/start_profile")).toBe(0);
    expect(sent(captured.double, "/stop_profile")).toBe(0);
  });

  test("while the server starts the profile, it is stopped, for it may have begun", async () => {
    const { captured } = await interruptedAt("vllm", { hangAt: "start" }, during("/start_profile"));
    expect(captured.error?.code).toBe("capture/interrupted");
    expect(sent(captured.double, "/stop_profile")).toBe(1);
    expect(captured.double.running()).toBe(false);
  });

  test("while the server saves, the request under way is the one attempt, and we leave soon", async () => {
    const { captured, seconds } = await interruptedAt(
      "sglang",
      { flushSeconds: 600 },
      during("/stop_profile"),
    );
    expect(captured.error?.code).toBe("capture/interrupted");
    expect(sent(captured.double, "/stop_profile")).toBe(1);
    expect(seconds).toBeLessThan(5);
  });

  test("while waiting for files, only the wait ends", async () => {
    const { captured } = await interruptedAt(
      "trtllm",
      { flushSeconds: 600 },
      during("/stop_profile"),
    );
    expect(captured.error?.code).toBe("capture/interrupted");
    expect(sent(captured.double, "/stop_profile")).toBe(1);
  });

  test("already interrupted: nothing is sent at all", async () => {
    const server = await double({ framework: "sglang" });
    const captured = await captureFrom(server, {}, { signal: AbortSignal.abort() });
    expect(captured.error?.code).toBe("capture/interrupted");
    expect(server.calls).toEqual([]);
  });
});
