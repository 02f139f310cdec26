import { basename, dirname } from "node:path";
import type { RankMeasure } from "./rank-measure.ts";

interface Ranked {
  readonly label: string;
  readonly rank: number | null;
  readonly place: RankMeasure["place"];
  readonly paths: readonly string[];
}

/** What tells which ranks share a node. */
interface Nodes {
  /** By rank, in their order. */
  readonly names: readonly string[];
  readonly from: string;
}

/** "worker7_4711.1698957662168769395.pt.trace.json.gz", as torch's handler names files. */
const TORCH_NAME = /^(.+)_\d+\.\d{10,}\.pt\.trace\.json/;
const NODE_FOLDER = /^(?:node|host|worker|pod|machine|nid)[-_]?[\w.-]*$/i;

/**
 * The node of every rank: told by the user as ranks per node, recorded as a host's name, or read
 * off the devices that processes see (rank 11 on device 3 of 8 is the fourth on the second node).
 * Null where nothing tells it of all ranks, or all are on one.
 */
export function nodesOf(ranks: readonly Ranked[], ranksPerNode: number | null): Nodes | null {
  const found = [
    () => {
      if (ranksPerNode === null) return null;
      const of = ({ rank }: Ranked) => (rank === null ? null : Math.floor(rank / ranksPerNode));
      return told(ranks.map(of), "--ranks-per-node");
    },
    () =>
      told(
        ranks.map(({ place }) => place.host),
        "the host's name in the trace",
      ),
    () =>
      told(
        ranks.map(({ paths }) => hostOfName(paths)),
        "the host's name in the file's",
      ),
    () =>
      told(
        ranks.map(({ paths }) => folderOf(paths)),
        "the folder's name",
      ),
    () => told(ofDevices(ranks), "rank and device"),
  ];
  for (const one of found) {
    const nodes = one();
    if (nodes !== null) return nodes;
  }
  return null;
}

function told(names: readonly (string | number | null)[], from: string): Nodes | null {
  if (names.includes(null) || new Set(names).size < 2) return null;
  return { names: names.map(String), from };
}

function hostOfName(paths: readonly string[]): string | null {
  return TORCH_NAME.exec(basename(paths[0] ?? ""))?.[1] ?? null;
}

function folderOf(paths: readonly string[]): string | null {
  const name = basename(dirname(paths[0] ?? ""));
  return NODE_FOLDER.test(name) ? name : null;
}

/** Every rank must fit: a process that sees one device of its own tells nothing. */
function ofDevices(ranks: readonly Ranked[]): readonly (number | null)[] {
  return ranks.map(({ rank, place: { device, devices } }) => {
    if (rank === null || device === null || devices < 2) return null;
    return rank % devices === device ? Math.floor(rank / devices) : null;
  });
}
