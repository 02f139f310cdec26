import { existsSync } from "node:fs";
import { IS_BUILT, packageText } from "../../base/files/package-files.ts";
import { readSideText } from "../../base/files/side-file.ts";
import { machineNamed, recogniseMachine } from "../../engine/machines/recognise.ts";
import { EXIT, TriageError } from "../../model/errors.ts";
import type { Machine } from "../../model/machine.ts";
import type { Trace } from "../../model/trace/trace.ts";

/** How a trace's machine is found. */
interface Machines {
  /** Null where nothing tells which GPU it is. */
  of(trace: Trace): Machine | null;
}

/**
 * The GPUs this program knows, or the one that `--gpu` names: an id or name of the list, or a file
 * of the list's form.
 *
 * @throws {TriageError} `gpu/unknown`, `gpu/invalid`
 */
export async function openMachines(
  asked: string | null,
  besides: string | null = null,
): Promise<Machines> {
  if (asked !== null && existsSync(asked)) {
    const { parseMachines } = await import("../../engine/machines/parse-machines.ts");
    const [first] = parseMachines(readSideText(asked), asked);
    return { of: () => first! };
  }
  const known = [...(await machinesOf(besides)), ...(await knownMachines())];
  if (asked === null) return { of: (trace) => machineOf(trace, known) };
  const named = machineNamed(asked, known);
  if (named === null) throw unknownGpu(asked, known);
  return { of: () => named };
}

/** Of somebody's own list; they go before those of the same name. */
async function machinesOf(file: string | null): Promise<readonly Machine[]> {
  if (file === null) return [];
  const { parseMachines } = await import("../../engine/machines/parse-machines.ts");
  return parseMachines(readSideText(file), file);
}

/** As data where the program is built: neither YAML reader nor schema are loaded then. */
async function knownMachines(): Promise<readonly Machine[]> {
  if (IS_BUILT) return JSON.parse(packageText("dist/gpus.json")) as Machine[];
  const { parseMachines } = await import("../../engine/machines/parse-machines.ts");
  const file = "references/gpus.yaml";
  return parseMachines(packageText(file), file);
}

/** The devices that ran something; of several kinds none is the machine. */
function machineOf({ metadata, streams }: Trace, known: readonly Machine[]): Machine | null {
  const used = new Set(streams.map(({ device }) => device));
  const mine = metadata.devices.filter(({ id }) => used.has(id));
  const devices = mine.length > 0 ? mine : metadata.devices.slice(0, 1);
  const found = devices.map((device) => recogniseMachine(device, metadata.vendor, known));
  return new Set(found).size === 1 ? (found[0] ?? null) : null;
}

const unknownGpu = (asked: string, known: readonly Machine[]): TriageError =>
  new TriageError({
    code: "gpu/unknown",
    exit: EXIT.usage,
    message: `No GPU is called ${JSON.stringify(asked)}, and no file either.`,
    hint: `known are ${known.map(({ id }) => id).join(", ")}; another is described in a file like references/gpus.yaml`,
  });
