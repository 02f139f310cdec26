import { isObject } from "../../base/is-object.ts";
import type { DeviceProperties, DistributedInfo, TraceMetadata } from "../../model/trace/trace.ts";
import { LongNumber } from "./decimal.ts";

type Json = Readonly<Record<string, unknown>>;

const SETTINGS = ["record_shapes", "with_stack", "with_modules", "profile_memory", "with_flops"];
/** Larger values of other top-level keys say nothing to a reader of the report. */
const SMALL = 4096;

/**
 * Everything a trace says outside `traceEvents`.
 *
 * @param head top-level keys and values of the file but `traceEvents`.
 * @param launchNames names of the host calls, for traces that do not name their devices.
 */
export function traceMetadata(head: Json, launchNames: readonly string[]): TraceMetadata {
  const devices = asArray(head.deviceProperties).map(deviceProperties);
  return {
    devices,
    distributed: distributedInfo(head.distributedInfo),
    ...vendorOf(head, devices, launchNames),
    settings: settings(head),
    other: otherKeys(head),
  };
}

function deviceProperties(value: unknown, index: number): DeviceProperties {
  const device = asObject(value);
  const major = asNumber(device.computeMajor);
  const minor = asNumber(device.computeMinor);
  return {
    id: asNumber(device.id) ?? index,
    name: asText(device.name) ?? "",
    computeCapability:
      asText(device.gcnArchName) ?? (major === null || minor === null ? null : `${major}.${minor}`),
    multiprocessors: asNumber(device.numSms),
    memoryBytes: asNumber(device.totalGlobalMem),
  };
}

function distributedInfo(value: unknown): DistributedInfo | null {
  const info = asObject(value);
  if (Object.keys(info).length === 0) return null;
  return {
    backend: asText(info.backend),
    rank: asNumber(info.rank),
    worldSize: asNumber(info.world_size),
    groups: asArray(info.pg_config).map((entry) => {
      const group = asObject(entry);
      const ranks = asArray(group.ranks).map(asNumber);
      return {
        name: asText(group.pg_name) ?? "",
        desc: asText(group.pg_desc) ?? "",
        size: asNumber(group.pg_size),
        ranks: ranks.filter((rank) => rank !== null),
      };
    }),
  };
}

type Vendor = Pick<TraceMetadata, "vendor" | "vendorFrom">;

/** Device names first, then versions in the head, then the API that was called. */
function vendorOf(
  head: Json,
  devices: readonly DeviceProperties[],
  launchNames: readonly string[],
): Vendor {
  const names = devices.map((device) => device.name).join(" ");
  if (/nvidia|geforce|tesla|quadro|rtx/i.test(names)) return is("nvidia", "deviceProperties");
  if (/amd|instinct|radeon|gfx\d/i.test(names)) return is("amd", "deviceProperties");
  const keys = Object.keys(head);
  if (keys.some((key) => /^(hip|roc)/.test(key))) return is("amd", "hip versions in the file");
  if (keys.some((key) => /^(cuda|cupti)_/.test(key))) {
    return is("nvidia", "cuda versions in the file");
  }
  if (launchNames.some((name) => /^hip[A-Z]/.test(name))) return is("amd", "hip runtime calls");
  if (launchNames.some((name) => /^cu(da)?[A-Z]/.test(name))) {
    return is("nvidia", "cuda runtime calls");
  }
  return { vendor: "unknown", vendorFrom: null };
}

function is(vendor: "nvidia" | "amd", vendorFrom: string): Vendor {
  return { vendor, vendorFrom };
}

function settings(head: Json): Record<string, boolean> {
  const known = SETTINGS.filter((key) => typeof head[key] === "number" || head[key] === true);
  return Object.fromEntries(known.map((key) => [key, head[key] === 1 || head[key] === true]));
}

function otherKeys(head: Json): Record<string, unknown> {
  const told = new Set([...SETTINGS, "deviceProperties", "distributedInfo", "traceEvents"]);
  const other = Object.keys(head).filter((key) => !told.has(key) && isSmall(head[key]));
  return Object.fromEntries(other.sort().map((key) => [key, plain(head[key])]));
}

function isSmall(value: unknown): boolean {
  try {
    return JSON.stringify(value).length <= SMALL;
  } catch (error) {
    // Nested deeper than the stack reaches.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Numbers too wide for a double stay exact as texts (`baseTimeNanoseconds`). */
function plain(value: unknown): unknown {
  if (value instanceof LongNumber) return value.digits;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

function asText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function asNumber(value: unknown): number | null {
  if (value instanceof LongNumber) return Number(value.digits);
  return typeof value === "number" ? value : null;
}
