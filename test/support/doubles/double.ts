import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { FrameworkId } from "../../../src/model/framework.ts";
import { Engine, ServerGone } from "./engine.ts";
import { type Faults, NO_FAULTS } from "./fault.ts";
import { sendGarbled } from "./garbled.ts";
import {
  type Answer,
  type Call,
  type DoubleHost,
  type DoubleOptions,
  type DoubleRoutes,
  saveAll,
} from "./host.ts";
import { sglangDouble } from "./sglang-double.ts";
import { tokenspeedDouble } from "./tokenspeed-double.ts";
import { trtllmDouble } from "./trtllm-double.ts";
import { vllmDouble } from "./vllm-double.ts";

export interface Double {
  readonly url: string;
  /** "POST /start_profile" and so on, in order of arrival. */
  readonly calls: readonly Call[];
  readonly log: readonly string[];
  /** A profile is armed or recording. */
  running(): boolean;
  /** Behave differently from now on. */
  set(faults: Partial<Faults>): void;
  close(): void;
}

const ROUTES: Record<FrameworkId, (host: DoubleHost) => DoubleRoutes> = {
  sglang: sglangDouble,
  vllm: vllmDouble,
  trtllm: trtllmDouble,
  tokenspeed: tokenspeedDouble,
};

/** Starts a server that behaves as the named framework does, on a free local port. */
export async function startDouble(options: DoubleOptions): Promise<Double> {
  let faults: Faults = { ...NO_FAULTS, ...options.faults };
  const calls: Call[] = [];
  const servers: Server[] = [];
  const born = performance.now();
  const firstDate = Date.now();
  let session = 0;
  const engine: Engine = new Engine(
    (window, stage) => saveAll(host, routes, ++session, window, stage),
    options.framework === "tokenspeed",
    async () => {
      if (faults.forwardSeconds > 0) await host.pause(faults.forwardSeconds);
    },
  );
  const host: DoubleHost = {
    options,
    ranks: options.ranks ?? 1,
    faults: () => faults,
    engine,
    log: [],
    held: [],
    time: () => firstDate + (performance.now() - born) * options.speed,
    pause: (seconds) => wait((seconds * 1000) / options.speed),
    die: () => {
      engine.dead = true;
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
  const routes = ROUTES[options.framework](host);
  if (faults.alreadyRunning) engine.window = foreignWindow(options);

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const path = new URL(request.url ?? "/", "http://x").pathname;
    const call = { method: request.method ?? "GET", path, body: await readBody(request) };
    calls.push(call);
    const key = faults.apiKey;
    if (key !== null && request.headers.authorization !== `Bearer ${key}`)
      return { status: 401, body: { error: "Unauthorized" } };
    return routes.answer(call);
  };
  servers.push(await listen(options.port ?? 0, answer, host));
  if (routes.control !== undefined) await listenBeside(servers, answer, routes.control, host);
  return {
    url: `http://127.0.0.1:${portOf(servers[0]!)}`,
    calls,
    log: host.log,
    running: () => engine.window !== null,
    set: (some) => {
      faults = { ...faults, ...some };
    },
    close: host.die,
  };
}

type Handler = (request: IncomingMessage) => Promise<Answer>;

function listen(port: number, handler: Handler, host: DoubleHost): Promise<Server> {
  const server = createServer((request, response) => {
    const garbledHere = () => {
      const { garbled } = host.faults();
      const path = (request.url ?? "").split("?")[0]!;
      return garbled !== null && path.endsWith(garbled.path) ? garbled.body : null;
    };
    // Who sends a client elsewhere has started nothing.
    if (garbledHere() === "moved" && request.url!.includes("start_profile"))
      return sendGarbled(response, "moved");
    handler(request).then(
      (answer) => {
        const body = garbledHere();
        if (body !== null) sendGarbled(response, body);
        else if (answer !== null) send(response, answer, host);
      },
      (error: unknown) => {
        if (!(error instanceof ServerGone))
          send(response, { status: 500, text: String(error) }, host);
        else response.destroy();
      },
    );
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

/** A control server must sit on the next port: tries main ports until a neighbour is free. */
async function listenBeside(
  servers: Server[],
  main: Handler,
  control: (path: string) => Answer,
  host: DoubleHost,
): Promise<void> {
  const handler = async ({ url }: IncomingMessage) =>
    control(new URL(url ?? "/", "http://x").pathname);
  for (;;) {
    const next = await listen(portOf(servers[0]!) + 1, handler, host).catch(() => null);
    if (next !== null) {
      servers.push(next);
      return;
    }
    servers.pop()!.close();
    servers.push(await listen(0, main, host));
  }
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function send(
  response: ServerResponse,
  { status, body, text }: NonNullable<Answer>,
  host: DoubleHost,
) {
  if (response.destroyed || host.engine.dead) return;
  const type = body === undefined ? "text/plain; charset=utf-8" : "application/json";
  const date = new Date(host.time()).toUTCString();
  response.writeHead(status, { "content-type": type, date });
  response.end(body === undefined ? (text ?? "") : JSON.stringify(body));
}

function foreignWindow({ launchPath }: DoubleOptions) {
  const directory = launchPath ?? "/nowhere";
  return { directory, prefix: "", begin: 0, end: null, byStage: null, armed: false, recorded: [] };
}
