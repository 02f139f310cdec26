import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { double, launchedDouble, scratchFolder } from "../../support/doubles/capture-from.ts";

const ROOT = join(import.meta.dirname, "../../..");
const PROGRAM = [
  "--import",
  join(ROOT, "node_modules/tsx/dist/loader.mjs"),
  join(ROOT, "src/cli/triage.ts"),
];

/** The command as a process of its own, in an empty folder; sent `signal` as soon as `when` holds. */
async function triage(
  args: readonly string[],
  when: () => boolean = () => false,
  signal: NodeJS.Signals = "SIGINT",
) {
  const cwd = scratchFolder();
  const child = spawn(process.execPath, [...PROGRAM, ...args], { cwd });
  const texts = { out: "", err: "" };
  child.stdout.on("data", (chunk) => {
    texts.out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    texts.err += chunk;
  });
  const watch = setInterval(() => when() && child.kill(signal), 20);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(watch);
  return { code, cwd, ...texts };
}

const SHORT = ["--decode-output-len", "16", "--quiet-period", "1"];

describe.concurrent("against a running server", () => {
  test("capture prints the traces' paths on stdout and the rest on stderr", async () => {
    const { url } = await double({ framework: "sglang" });
    const { code, cwd, out, err } = await triage(["capture", "--url", url, ...SHORT]);
    expect(code).toBe(0);
    const paths = out.trimEnd().split("\n");
    expect(paths.map((path) => path.slice(cwd.length).split("/").slice(0, 3))).toEqual([
      ["", "triage-capture", "prefill"],
      ["", "triage-capture", "decode"],
    ]);
    expect(paths.every((path) => existsSync(path))).toBe(true);
    expect(err).toContain("decode: 1 prefill, 5 decode, 0 mixed steps");
  });

  test("triage --url captures, then prints the report", async () => {
    const { url } = await double({ framework: "sglang" });
    const { code, out, err } = await triage(["--url", url, "--format", "json", ...SHORT]);
    expect(err).toContain("recording 5 steps");
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect([report.framework, report.model]).toEqual(["sglang", "/models/tiny-model"]);
    expect(report.stages.map(({ stage }: { stage: string }) => stage)).toEqual([
      "prefill",
      "decode",
    ]);
  });

  test("a mapping and a formal server are captured apart and make a two-trace report", async () => {
    const mapping = await launchedDouble({ framework: "vllm" });
    const formal = await launchedDouble({ framework: "vllm" });
    const { code, cwd, out, err } = await triage([
      ...["--mapping-url", mapping.double.url, "--mapping-trace-dir", mapping.traceDir],
      ...["--formal-url", formal.double.url, "--formal-trace-dir", formal.traceDir],
      ...["--workload", "decode", "--format", "json", ...SHORT],
    ]);
    expect([code, err.includes("error:")]).toEqual([0, false]);
    expect(JSON.parse(out).mode).toBe("mapping-formal");
    for (const role of ["mapping", "formal"])
      expect(existsSync(join(cwd, "triage-capture", role, "decode"))).toBe(true);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const)(
    "%s stops the profile and ends with 130",
    async (signal) => {
      const server = await double({ framework: "tokenspeed", faults: { forwardSeconds: 10 } });
      const args = ["capture", "--url", server.url, "--warmup-steps", "0"];
      let isSent = false;
      const once = () => {
        const isNow = server.running() && !isSent;
        isSent ||= isNow;
        return isNow;
      };
      const { code } = await triage(args, once, signal);
      expect(code).toBe(130);
      expect(server.calls.filter(({ path }) => path === "/stop_profile")).toHaveLength(1);
    },
  );
});
