import { isObject } from "../base/is-object.ts";
import type { FrameworkId } from "../model/framework.ts";
import { captureError } from "./capture-error.ts";
import { type Clock, machineClock } from "./net/clock.ts";
import type { HttpResult } from "./net/http.ts";
import { authFailure, isGateway, modelIds, objectOf, quoted } from "./net/replies.ts";
import { baseUrl, getFrom, type ServerLink } from "./net/server-link.ts";
import {
  CERTAINTY,
  type Identity,
  type ServerClues,
  type ServerDriver,
  type ServerFacts,
} from "./server-driver.ts";
import { driverFor, SERVER_DRIVERS } from "./servers/index.ts";

interface RecogniseOptions {
  /** Skips recognition; a server that names itself otherwise is still refused. */
  readonly framework?: FrameworkId | null;
  readonly apiKey?: string | null;
  readonly workerUrl?: string | null;
  readonly clock?: Clock;
  readonly signal?: AbortSignal | null;
}

export interface RecognisedServer {
  readonly driver: ServerDriver;
  readonly facts: ServerFacts;
  readonly link: ServerLink;
  /** What told the framework, in words. */
  readonly evidence: string;
}

/**
 * Finds out which serving framework answers at `url` and what it says about itself.
 *
 * The engine's own name in `/v1/models` counts most, then the shape of its argument object, then
 * TokenSpeed's control port; a route that merely exists proves nothing, because engines share paths,
 * and a gateway in front of an unnamed engine is left to `framework`.
 *
 * @throws {TriageError} `capture/unreachable`, `capture/unauthorised`, `capture/unknown-server`.
 */
export async function recogniseServer(
  url: string,
  options: RecogniseOptions = {},
): Promise<RecognisedServer> {
  const link = linkTo(url, options);
  const clues = await gatherClues(link);
  const answers = Object.values(clues).filter(
    (clue): clue is HttpResult => typeof clue === "object",
  );
  if (answers.every((answer) => answer.kind !== "reply")) throw unreachable(link, clues);
  const { driver, evidence } = chooseDriver(clues, options.framework ?? null, link);
  const denied = authFailure(clues.models, "reading /v1/models");
  if (denied !== null && modelIds(clues.models).length === 0)
    throw captureError(denied.reason, denied.message, denied.hint, { place: link.url });
  const facts = driver.readFacts(clues);
  return { driver: driver.ofRelease?.(facts) ?? driver, facts, link, evidence };
}

function linkTo(text: string, options: RecogniseOptions): ServerLink {
  const url = baseUrl(text);
  if (url === null) {
    const hint = "Give it as http://host:port.";
    throw captureError("unreachable", `'${text}' is not a server address`, hint, { place: text });
  }
  return {
    url,
    apiKey: options.apiKey ?? null,
    workerUrl: options.workerUrl ?? null,
    clock: options.clock ?? machineClock(),
    signal: options.signal ?? null,
  };
}

async function gatherClues(link: ServerLink): Promise<ServerClues> {
  const [models, serverInfo, control, readiness, workers, version, modelInfo] = await Promise.all([
    getFrom(link, "/v1/models"),
    getServerInfo(link),
    // Nobody named that address, so it gets no key.
    getFrom({ ...link, url: nextPort(link.url), apiKey: null }, "/get_server_info"),
    getFrom(link, "/readiness"),
    getFrom(link, "/workers"),
    getFrom(link, "/version"),
    getFrom(link, "/model_info"),
  ]);
  return { url: link.url, models, serverInfo, control, readiness, workers, version, modelInfo };
}

/** The newer path first; vLLM's development mode answers text unless asked for JSON. */
async function getServerInfo(link: ServerLink): Promise<HttpResult> {
  const info = await getFrom(link, "/server_info?config_format=json");
  if (objectOf(info) !== null) return info;
  const older = await getFrom(link, "/get_server_info");
  return objectOf(older) === null ? info : older;
}

function nextPort(url: string): string {
  const next = new URL(url);
  const port = Number(next.port || (next.protocol === "https:" ? 443 : 80));
  next.port = String(Math.min(port + 1, 65_535));
  return next.origin;
}

function chooseDriver(
  clues: ServerClues,
  wanted: FrameworkId | null,
  link: ServerLink,
): { driver: ServerDriver; evidence: string } {
  const found = SERVER_DRIVERS.flatMap((driver) => {
    const own = driver.identify(clues);
    const identities = [own, behindGateway(driver, clues)].filter((one) => one !== null);
    return identities.map((identity) => ({ driver, ...identity }));
  }).sort((a, b) => b.certainty - a.certainty);
  const best = found[0];
  if (wanted !== null) {
    if (best?.certainty === CERTAINTY.named && best.driver.id !== wanted)
      throw unknownServer(link, `--framework ${wanted}, but ${best.evidence}`);
    const driver = driverFor(wanted, null);
    return { driver, evidence: `--framework ${wanted}` };
  }
  if (best !== undefined && best.certainty > CERTAINTY.hint) return best;
  const denied = authFailure(clues.models, "reading /v1/models");
  if (denied !== null)
    throw captureError(denied.reason, denied.message, denied.hint, { place: link.url });
  if (best !== undefined) throw unnamedGateway(link, best.evidence);
  throw unknownServer(
    link,
    `no serving framework recognised (/v1/models: ${quoted(clues.models)})`,
  );
}

/** The engine that a gateway names for each of its workers; workers of several engines name none. */
function behindGateway({ id }: ServerDriver, { readiness, workers }: ServerClues): Identity | null {
  const { workers: list } = objectOf(workers) ?? {};
  if (!isGateway(readiness) || !Array.isArray(list) || list.length === 0) return null;
  if (!list.every((worker) => isObject(worker) && worker.runtime_type === id)) return null;
  return { certainty: CERTAINTY.named, evidence: `the gateway's /workers names ${id}` };
}

function unknownServer(link: ServerLink, message: string) {
  const hint = "Name it with --framework sglang|vllm|trtllm|tokenspeed, or check the address.";
  return captureError("unknown-server", message, hint, { place: link.url });
}

function unnamedGateway(link: ServerLink, evidence: string) {
  const hint =
    "Give the engine's own address, or say what stands behind the gateway: --framework sglang|vllm|trtllm|tokenspeed.";
  const message = `a gateway answers and does not say which engine it serves: ${evidence}`;
  return captureError("unknown-server", message, hint, { place: link.url });
}

function unreachable(link: ServerLink, { models }: ServerClues) {
  const hint = "Is the server running and ready, and is this its address and port?";
  return captureError("unreachable", `no answer from ${link.url}: ${quoted(models)}`, hint, {
    place: link.url,
  });
}
