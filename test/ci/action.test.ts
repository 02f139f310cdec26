import { spawn } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { builtCommand } from "../support/built-cli.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const EXAMPLE = join(process.cwd(), "examples/sglang-tp2-decode");
const OTHER = join(process.cwd(), "examples/mapping-formal/formal");

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly auth: string;
  readonly body: { readonly body?: string } | null;
}

/** The part of GitHub's API that a comment needs. */
let api: Server;
let asked: Asked[] = [];
let comments: { id: number; body: string; user: { type: string } }[] = [];
let status = 200;

beforeEach(async () => {
  builtCommand("triage");
  asked = [];
  comments = [];
  status = 200;
  api = createServer((request, response) => {
    let text = "";
    request.on("data", (part) => (text += part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const body = text === "" ? null : JSON.parse(text);
      asked.push({ method, url, auth: headers.authorization ?? "", body });
      if (method === "POST") comments.push({ id: 7, body: body.body, user: { type: "Bot" } });
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(method === "GET" ? comments : { id: 7 }));
    });
  });
  await new Promise<void>((ready) => api.listen(0, "127.0.0.1", ready));
});
afterEach(() => new Promise((done) => api.close(done)));

/** What the runner gives a step of a pull request, and what the step left. */
async function runAction(inputs: Readonly<Record<string, string>>) {
  const folder = temporaryFolder({
    "event.json": JSON.stringify({ action: "synchronize", pull_request: { number: 12 } }),
    summary: "",
    output: "",
  });
  mkdirSync(join(folder, "temp"));
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: `http://127.0.0.1:${(api.address() as AddressInfo).port}`,
    GITHUB_EVENT_NAME: "pull_request",
    GITHUB_EVENT_PATH: join(folder, "event.json"),
    GITHUB_OUTPUT: join(folder, "output"),
    GITHUB_REPOSITORY: "acme/serving",
    GITHUB_STEP_SUMMARY: join(folder, "summary"),
    RUNNER_TEMP: join(folder, "temp"),
    INPUT_COMMENT: "true",
    INPUT_TITLE: "fuse-triage",
    INPUT_TOKEN: "secret-token",
    ...inputs,
  };
  const child = spawn(process.execPath, ["action/main.mjs"], { env: env as NodeJS.ProcessEnv });
  let out = "";
  child.stdout.on("data", (part) => (out += part));
  child.stderr.on("data", (part) => (out += part));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  const read = (name: string): string => readFileSync(join(folder, name), "utf8");
  return { code, out, summary: read("summary"), output: read("output") };
}

describe("the action on a pull request", () => {
  test("triages: summary, annotations, comment, outputs", async () => {
    const { code, out, summary, output } = await runAction({ INPUT_TRACE: EXAMPLE });
    expect({ code, out }).toMatchObject({ code: 0 });
    expect(summary).toContain("## fuse-triage: passed");
    expect(summary).toContain("What to do first");
    expect(summary).toContain("| Kernel |");
    // Each line of output is a command to the runner, and nothing else is printed.
    const lines = out.trimEnd().split("\n");
    expect(lines.length).toBe(3);
    for (const line of lines) expect(line).toMatch(/^::notice title=fuse-triage::.+at most .+%25/);
    const [exit] = /^exit-code=.*$/m.exec(output)!;
    expect(exit).toBe("exit-code=0");
    const path = /^report=(.*)$/m.exec(output)![1]!;
    expect(path).toMatch(/temp\/fuse-triage\.json$/);
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /repos/acme/serving/issues/12/comments?per_page=100&page=1",
      "POST /repos/acme/serving/issues/12/comments",
    ]);
    expect(asked[1]!.auth).toBe("Bearer secret-token");
    expect(asked[1]!.body!.body).toMatch(
      /^<!-- fuse-triage: fuse-triage -->\n## fuse-triage: passed/,
    );
    expect(asked[1]!.body!.body).toContain("1. Norm of Q and K");
    expect(asked[1]!.body!.body).toContain("Left out: ");
    expect(out + summary + output).not.toContain("secret-token");
  }, 60_000);

  test("writes its comment anew, not another one, and leaves people's alone", async () => {
    comments = [
      { id: 3, body: "<!-- fuse-triage: fuse-triage --> quoted", user: { type: "User" } },
      { id: 5, body: "<!-- fuse-triage: fuse-triage -->\nold", user: { type: "Bot" } },
    ];
    await runAction({ INPUT_TRACE: EXAMPLE });
    expect(asked.at(-1)).toMatchObject({
      method: "PATCH",
      url: "/repos/acme/serving/issues/comments/5",
    });
  }, 60_000);

  test("compares, and fails by a budget that does not hold", async () => {
    const { code, out, summary, output } = await runAction({
      INPUT_TRACE: EXAMPLE,
      INPUT_BEFORE: OTHER,
      INPUT_BUDGETS: "decode.gpuTime<=+2%\nstepTime<=1000ms",
    });
    expect(code).toBe(1);
    expect(output).toContain("exit-code=1");
    expect(summary).toContain("## fuse-triage: 1 limit exceeded");
    expect(summary).toMatch(/- `decode\.gpuTime<=\+2%.*`/);
    expect(out).toMatch(/^::error title=fuse-triage::decode\.gpuTime<=\+2%25/m);
    expect(asked.at(-1)!.body!.body).toContain("1 limit exceeded");
  }, 60_000);

  test("fails by a gate of the policy, too", async () => {
    const { code, out } = await runAction({
      INPUT_TRACE: EXAMPLE,
      INPUT_FAIL_ON: "mainline-split>0.1%",
      INPUT_COMMENT: "false",
    });
    expect(code).toBe(1);
    expect(out).toMatch(/^::error title=fuse-triage::mainline-split/m);
    expect(asked).toEqual([]);
  }, 60_000);

  test("a trace that cannot be read is an error with its words, and no comment", async () => {
    const { code, out, summary } = await runAction({ INPUT_TRACE: "no/such/trace.json" });
    expect(code).toBe(3);
    expect(out).toMatch(/^::error title=fuse-triage::error: no\/such\/trace\.json does not exist/);
    expect(summary).toContain("ended with 3");
    expect(asked).toEqual([]);
    expect((await runAction({ INPUT_TRACE: "" })).code).toBe(2);
    expect((await runAction({ INPUT_TRACE: EXAMPLE, INPUT_BUDGETS: "gpuTime<=1s" })).code).toBe(2);
  }, 60_000);

  test("a fork's run, which may not write, says so and goes on", async () => {
    status = 403;
    const { code, out } = await runAction({ INPUT_TRACE: EXAMPLE });
    expect(code).toBe(0);
    expect(out).toContain("::warning title=fuse-triage::The comment was not written%3A 403");
  }, 60_000);

  test("nothing in a trace or an input commands the runner", async () => {
    const evil = "::set-output name=x::y\n::stop-commands::z";
    const folder = temporaryFolder({
      "evil.json": JSON.stringify({
        traceEvents: Array.from({ length: 50 }, (_, at) => ({
          ...{ ph: "X", cat: "kernel", name: `${evil} ##[error] \`\`\`\` kernel_${at % 2}` },
          ...{ ts: 20 * at, dur: 1, pid: 0, tid: 7, args: { device: 0, stream: 7 } },
        })),
      }),
    });
    const found = await runAction({
      INPUT_TRACE: join(folder, "evil.json"),
      INPUT_TITLE: "x\n::error::y --> <script>",
    });
    expect(found.code).toBe(0);
    for (const line of found.out.trimEnd().split("\n"))
      expect(line === "" || /^::(?:notice|error|warning) title=[^:]*::/.test(line)).toBe(true);
    expect(found.out).not.toMatch(/^::(?:set-output|stop-commands)/m);
    const { body } = asked.at(-1)!.body!;
    expect(body!.split("\n")[0]).toMatch(/^<!-- fuse-triage: [^<>]* -->$/);
    // The fence is longer than any run of ticks within.
    const fence = /^(`+)text$/m.exec(body!)![1]!.length;
    const inside = body!.split("\n").filter((line) => !/^`+(?:text)?$/.test(line));
    expect(
      Math.max(
        ...inside
          .join("\n")
          .match(/`+/g)!
          .map((ticks) => ticks.length),
      ),
    ).toBeLessThan(fence);
  }, 60_000);
});

describe("action.yml", () => {
  const action = parse(readFileSync("action.yml", "utf8"));

  test("takes no input into a script, and pins what it uses by commit", () => {
    for (const step of action.runs.steps) {
      expect(step.run ?? "").not.toContain("${{");
      if (step.uses !== undefined) expect(step.uses).toMatch(/@[0-9a-f]{40}$/);
    }
  });

  test("hands every input on, and reads none that it does not have", () => {
    const { env } = action.runs.steps.find(({ id }: { id?: string }) => id === "run");
    const named = Object.keys(env).filter((name) => name.startsWith("INPUT_"));
    expect(named.sort()).toEqual(
      Object.keys(action.inputs)
        .map((name) => `INPUT_${name.replaceAll("-", "_").toUpperCase()}`)
        .sort(),
    );
    const read = readFileSync("action/main.mjs", "utf8").match(/INPUT_\w+/g)!;
    expect(new Set([...read, "INPUT_TOKEN"])).toEqual(new Set(named));
  });
});
