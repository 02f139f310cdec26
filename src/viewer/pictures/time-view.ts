/** The part of the excerpt that is seen, in microseconds. */
export interface TimeView {
  readonly from: number;
  readonly to: number;
}

/** Narrower than this nothing is left to see: kernels take microseconds. */
const NARROWEST = 0.5;

/** Zooms by `factor` (below 1 = closer) around `at`, which stays where it is; never beyond `whole`. */
export function zoom(view: TimeView, factor: number, at: number, whole: TimeView): TimeView {
  const length = Math.min(
    whole.to - whole.from,
    Math.max(NARROWEST, (view.to - view.from) * factor),
  );
  const part = (at - view.from) / (view.to - view.from);
  return within({ from: at - part * length, to: at + (1 - part) * length }, whole);
}

/** Moves by a part of what is seen; stops at the ends of `whole`. */
export function pan(view: TimeView, part: number, whole: TimeView): TimeView {
  const by = part * (view.to - view.from);
  return within({ from: view.from + by, to: view.to + by }, whole);
}

/** Moves as little as needed to see a span, which keeps a little room around it. */
export function reveal(view: TimeView, from: number, to: number, whole: TimeView): TimeView {
  if (from >= view.from && to <= view.to) return view;
  const length = Math.max(view.to - view.from, (to - from) * 1.2);
  const middle = (from + to) / 2;
  return within({ from: middle - length / 2, to: middle + length / 2 }, whole);
}

function within({ from, to }: TimeView, whole: TimeView): TimeView {
  const length = to - from;
  if (length >= whole.to - whole.from) return whole;
  if (from < whole.from) return { from: whole.from, to: whole.from + length };
  if (to > whole.to) return { from: whole.to - length, to: whole.to };
  return { from, to };
}
