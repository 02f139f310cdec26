import type { StageName } from "../../model/framework.ts";
import type { StageHint } from "../../model/trace/trace-selection.ts";

/** What the name of a trace file says about who wrote it. */
interface NamedRank {
  readonly rank: number;
  /** The words that told it, as spelled. */
  readonly from: string;
  /** Other parallel dimensions in the name (pp, dp, ep, …): they order files that share a rank. */
  readonly minor: readonly number[];
}

/**
 * Strongest first: a `rank` is global, `TP` is global only where nothing else is split, a `worker`
 * number is a last resort. Engines spell them `-TP-0`, `TP0`, `tp0`, `rank0`, `-rank-0`,
 * `world-rank-8-rank-0` (the last one counts), `worker0`.
 */
const RANK_WORDS = ["rank", "tp", "worker"];
const MINOR_WORDS = ["pp", "dp", "cp", "dcp", "ep"];

/** Reads the rank out of a file name, or out of the nearest folder named like one. */
export function rankOfPath(path: string): NamedRank | null {
  const parts = path.split("/");
  const name = parts.pop()!;
  const inName = rankOfText(name);
  if (inName !== null) return inName;
  for (const folder of parts.reverse()) {
    if (/^(rank|tp|worker)[-_]?\d+$/i.test(folder)) return rankOfText(folder);
  }
  return null;
}

function rankOfText(text: string): NamedRank | null {
  for (const word of RANK_WORDS) {
    const found = lastNumberOf(word, text);
    if (found !== null) {
      const minor = MINOR_WORDS.map((other) => lastNumberOf(other, text)?.value ?? 0);
      return { rank: found.value, from: found.text, minor };
    }
  }
  return null;
}

function lastNumberOf(word: string, text: string): { value: number; text: string } | null {
  const matches = [...text.matchAll(new RegExp(`(?<![a-z])${word}[-_]?(\\d+)`, "gi"))];
  const last = matches.at(-1);
  return last === undefined ? null : { value: Number(last[1]), text: last[0] };
}

const STAGE_WORDS: Readonly<Record<string, StageName>> = {
  extend: "prefill",
  prefill: "prefill",
  decode: "decode",
};

/** Stage told by a file name (`-EXTEND`, `_decode`) or, failing that, by the nearest folder (`decode/`, `run-decode/`). */
export function stageHintOfPath(path: string): StageHint | null {
  const parts = path.split("/");
  const name = parts.pop()!;
  const words = [...name.matchAll(/[-_](extend|prefill|decode)(?![a-z])/gi)];
  const last = words.at(-1);
  if (last !== undefined) {
    return { stage: STAGE_WORDS[last[1]!.toLowerCase()]!, from: "file-name", text: last[0] };
  }
  for (const folder of parts.reverse()) {
    const word = /(?:^|[-_])(extend|prefill|decode)$/i.exec(folder)?.[1]?.toLowerCase();
    if (word !== undefined) {
      return { stage: STAGE_WORDS[word]!, from: "capture-layout", text: `${folder}/` };
    }
  }
  return null;
}

/** JSON files that runs leave beside their traces. */
const SIDECARS = new Set([
  "server_args.json",
  "metadata.json",
  "config.json",
  "capture.json",
  "execution_details.json",
]);

/** True for names that never are traces, so that their content need not be looked at. */
export function isSidecar(name: string): boolean {
  return SIDECARS.has(name) || isDigest(name) || /\.(tmp|pickle|txt|viztracer\.json)$/.test(name);
}

/** Digests of traces, whatever the trace they are named after. */
export function isDigest(name: string): boolean {
  return name.endsWith(".digest.parquet");
}

/** Names that may be traces: JSON, plain or compressed, also where a rank follows the suffix. */
export function mayBeTrace(name: string): boolean {
  return /\.(json|gz|zst|trace)(\b|$)/i.test(name) && !isSidecar(name);
}

/** vLLM's API server writes its own trace: host side only, no kernels. */
export function isFrontEnd(name: string): boolean {
  return name.includes(".async_llm.");
}

/** All ranks in one file, as SGLang's merger writes it. */
export function isMerged(name: string): boolean {
  return name.startsWith("merged-");
}

/** Folders that hold traces of graph captures, not of the run. */
export function isCaptureFolder(name: string): boolean {
  return name === "capture_traces" || name === "graph_capture_profile";
}

/**
 * When a trace was taken, as far as its path tells: Unix seconds to nanoseconds or a date with
 * time, in comparable digits. Null when nothing tells.
 */
export function stampOfPath(path: string): number | null {
  const stamps = [...path.matchAll(/(?<!\d)(1[5-9]\d{8})(\d*)|(?<!\d)(20\d{6})-(\d{6})(?!\d)/g)];
  const last = stamps.at(-1);
  if (last === undefined) return null;
  if (last[1] !== undefined) return Number(`${last[1]}.${last[2]}`);
  const [date, time] = [last[3]!, last[4]!];
  const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z`;
  const ms = Date.parse(iso);
  return Number.isNaN(ms) ? null : ms / 1000;
}
