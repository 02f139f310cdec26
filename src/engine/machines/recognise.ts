import type { Machine } from "../../model/machine.ts";
import type { DeviceProperties } from "../../model/trace/trace.ts";
import { archOfComputeCapability, archOfDeviceName } from "./gpu-arch.ts";

const GIB = 2 ** 30;

/**
 * The machine a device is. Everything the trace recorded of the device must fit: its name where it
 * has one, its architecture, memory and number of units. Without a name all three are needed, and
 * machines that then differ in what they can do are none.
 */
export function recogniseMachine(
  device: DeviceProperties,
  vendor: string,
  machines: readonly Machine[],
): Machine | null {
  const arch =
    archOfDeviceName(device.name) ??
    archOfComputeCapability(device.computeCapability ?? "", vendor);
  const fitting = machines.filter(
    (machine) =>
      fitsName(machine, device.name) &&
      fits(machine.arch, arch) &&
      fitsMemory(machine, device.memoryBytes),
  );
  if (device.name !== "") return fitting[0] ?? null;
  if (arch === null || device.memoryBytes === null || device.multiprocessors === null) return null;
  const [first, ...others] = fitting.filter(({ units }) => units === device.multiprocessors);
  return first === undefined || others.some((other) => !isAlike(first, other)) ? null : first;
}

function fitsName({ names = [] }: Machine, name: string): boolean {
  if (name === "") return true;
  // A word of its own: "H20" is no "H200", "A10" no "A100".
  return names.some((word) => {
    const at = name.indexOf(word);
    if (at < 0) return false;
    const before = name[at - 1] ?? " ";
    const after = name[at + word.length] ?? " ";
    return !/[A-Za-z0-9]/.test(before) && !/[A-Za-z0-9]/.test(after);
  });
}

const fits = (wanted: string | undefined, found: string | null): boolean =>
  wanted === undefined || found === null || wanted === found;

function fitsMemory({ memoryGiB }: Machine, bytes: number | null): boolean {
  if (memoryGiB === undefined || bytes === null) return true;
  return bytes >= memoryGiB[0] * GIB && bytes <= memoryGiB[1] * GIB;
}

const isAlike = (a: Machine, b: Machine): boolean =>
  a.memory === b.memory &&
  JSON.stringify([a.matrix, a.vector]) === JSON.stringify([b.matrix, b.vector]);

/** A machine by id, or by what its title or names say; null where no single one fits. */
export function machineNamed(text: string, machines: readonly Machine[]): Machine | null {
  const wanted = simplified(text);
  const byId = machines.find(({ id }) => id === text.toLowerCase());
  if (byId !== undefined) return byId;
  const fitting = machines.filter(({ id, title, names = [] }) =>
    [id, title, ...names].some((each) => simplified(each) === wanted),
  );
  return fitting.length === 1 ? fitting[0]! : null;
}

const simplified = (text: string): string =>
  text.toLowerCase().replace(/nvidia|amd|instinct|geforce|[^a-z0-9]/g, "");
