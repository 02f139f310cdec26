interface LayerStart {
  /** Index of the layer's first kernel in the sequence. */
  readonly start: number;
  readonly layer: number;
}

/** Share of a layer's kernels that must be in place. */
const LEAST_FIT = 0.6;

/**
 * Cuts a sequence into layers that look like `template`. Some layers carry a kernel more or less (a
 * padded batch, a split reduction), so every layer is looked for around where it should begin.
 * After a break (the head of one forward pass, the embedding of the next) numbers start anew.
 */
export function walkLayers(sequence: Uint32Array, template: Uint32Array): readonly LayerStart[] {
  const period = template.length;
  const layers: LayerStart[] = [];
  let layer = 0;
  let expected = 0;
  while (expected + period <= sequence.length) {
    const start = bestStart(sequence, template, expected);
    if (start >= 0) {
      layers.push({ start, layer });
      layer++;
      expected = start + period;
    } else {
      layer = 0;
      expected++;
    }
  }
  return layers;
}

/**
 * What a layer looks like: the most frequent kernel at every offset of the longest stretch that
 * repeats without slipping. It starts where the repetition does.
 *
 * @returns null where nothing repeats.
 */
export function layerTemplate(sequence: Uint32Array, period: number): Uint32Array | null {
  const stretch = longestRepeat(sequence, period);
  if (stretch === null) return null;
  const template = new Uint32Array(period);
  for (let offset = 0; offset < period; offset++) {
    const counts = new Map<number, number>();
    for (let at = stretch.start + offset; at < stretch.end; at += period)
      counts.set(sequence[at]!, (counts.get(sequence[at]!) ?? 0) + 1);
    template[offset] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a))[0];
  }
  return template;
}

/**
 * Longest stretch in which every window of a period has most kernels in common with the next one.
 * One kernel more or less in a layer puts a whole period out of step, which ends a stretch.
 */
function longestRepeat(
  sequence: Uint32Array,
  period: number,
): { readonly start: number; readonly end: number } | null {
  const need = Math.ceil(period * LEAST_FIT);
  let best: { start: number; end: number } | null = null;
  let start = -1;
  let equal = 0;
  for (let at = 0; at + period < sequence.length; at++) {
    if (sequence[at] === sequence[at + period]) equal++;
    if (at >= period && sequence[at - period] === sequence[at]) equal--;
    if (equal < need) {
      start = -1;
      continue;
    }
    if (start < 0) {
      start = Math.max(0, at - period + 1);
      while (sequence[start] !== sequence[start + period]) start++;
    }
    const end = at + period + 1;
    if (best === null || end - start > best.end - best.start) best = { start, end };
  }
  return best;
}

/** Where from `expected` on the layer fits best, -1 if nowhere near well enough. Nearer wins among equals. */
function bestStart(sequence: Uint32Array, template: Uint32Array, expected: number): number {
  const period = template.length;
  const reach = Math.min(8, period >> 1);
  let best = -1;
  let bestFit = Math.ceil(period * LEAST_FIT) - 1;
  for (let shift = 0; shift <= reach; shift++) {
    const start = expected + shift;
    if (start + period > sequence.length) break;
    let fit = 0;
    for (let offset = 0; offset < period; offset++)
      if (sequence[start + offset] === template[offset]) fit++;
    if (fit > bestFit) {
      best = start;
      bestFit = fit;
    }
  }
  return best;
}
