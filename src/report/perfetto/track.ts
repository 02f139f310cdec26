import type { Nanoseconds } from "../../model/trace/units.ts";
import { inertJson } from "../document/inert.ts";

/** What one slice shows; the arguments stand in a viewer's details when it is clicked. */
export interface SliceText {
  readonly name: string;
  readonly category: string;
  /** JSON text of an object. */
  readonly args: string;
}

/** A row of slices by ascending start. Slices are asked for one at a time: there may be millions. */
export interface Track {
  readonly name: string;
  readonly count: number;
  startOf(index: number): Nanoseconds;
  endOf(index: number): Nanoseconds;
  sliceOf(index: number): SliceText;
}

/** Tracks that a viewer shows under one heading. */
export interface TrackGroup {
  readonly name: string;
  readonly tracks: readonly Track[];
}

interface Span {
  readonly start: Nanoseconds;
  readonly end: Nanoseconds;
}

/** A track of a list of spans, whatever their order. */
export function trackOf<S extends Span>(
  name: string,
  spans: readonly S[],
  sliceOf: (span: S) => SliceText,
): Track {
  const sorted = [...spans].sort((a, b) => a.start - b.start || b.end - a.end);
  return {
    name,
    count: sorted.length,
    startOf: (index) => sorted[index]!.start,
    endOf: (index) => sorted[index]!.end,
    sliceOf: (index) => sliceOf(sorted[index]!),
  };
}

/** The JSON text of the arguments that are known. */
export function argsText(args: Readonly<Record<string, string | number | null>>): string {
  return inertJson(
    JSON.stringify(Object.fromEntries(Object.entries(args).filter(([, value]) => value !== null))),
  );
}
