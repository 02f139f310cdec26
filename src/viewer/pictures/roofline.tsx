import { useMemo, useState } from "preact/hooks";
import type { KernelRow, StageReport } from "../../model/contracts/report.ts";
import type { Peaks, WorkRow } from "../../model/contracts/work-row.ts";
import { inert } from "../../report/document/inert.ts";
import { count, timeInWords } from "../../report/numbers.ts";
import { limitSpan, rateText } from "../../report/triage/tables/limit-words.ts";
import { FAMILIES, type Family, familyOf } from "../families.ts";
import { along, powers, type Roofline, type RooflinePoint, rooflineOf } from "./roofline-scale.ts";

const WIDTH = 900;
const HEIGHT = 420;
const LEFT = 64;
const BOTTOM = 40;
const TOP = 24;
const RIGHT = 24;
/** Radius in pixels of the longest row, and of the shortest. */
const MOST_RADIUS = 22;
const LEAST_RADIUS = 3;
/** Names of neighbouring roofs stand this far apart, as their levels may be close. */
const ASIDE = 130;

interface Props {
  readonly stage: StageReport;
  readonly id: string;
}

/** The roofline: each op and shape by operations a byte and operations a second, under the machine's roofs. */
export function RooflinePicture({ stage, id }: Props) {
  const { work, limits, kernels } = stage;
  const roofline = useMemo(() => rooflineOf(work, limits.peaks), [work, limits]);
  const [chosen, setChosen] = useState<WorkRow | null>(null);
  const families = useMemo(() => familiesOf(kernels), [kernels]);
  if (roofline === null) return null;
  const used = new Set(roofline.points.map(({ row }) => familyOfRow(row, families)));
  return (
    <section class="roofline" aria-labelledby={`${id}-roofline`}>
      <h2 id={`${id}-roofline`}>Roofline: ops and shapes under the limit of the machine</h2>
      <p class="dim told">
        {limits.machine === null
          ? "Which GPU this is was not told: no roofs. "
          : `${inert(limits.machine)}, peaks of its datasheet. `}
        A circle is an op at one shape, as large as its time; at the left edge what only moves
        bytes.
      </p>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`Roofline of ${roofline.points.length} ops and shapes; the table of ops and shapes holds the same figures`}
      >
        <Axes roofline={roofline} />
        {limits.peaks === null ? null : <Roofs roofline={roofline} peaks={limits.peaks} />}
        {[...roofline.points]
          .sort((a, b) => b.size - a.size)
          .map((point, at) => (
            <PointMark
              key={`${at}`}
              point={point}
              roofline={roofline}
              family={familyOfRow(point.row, families)}
              isChosen={point.row === chosen}
              onChoose={() => setChosen(point.row)}
            />
          ))}
      </svg>
      <p class="readout" aria-live="polite">
        {chosen === null ? (
          <span class="dim">Point at a circle for its row.</span>
        ) : (
          inert(rowText(chosen))
        )}
      </p>
      <ul class="legend">
        {(Object.keys(FAMILIES) as Family[])
          .filter((family) => used.has(family))
          .map((family) => (
            <li key={family}>
              <i class={`swatch fam-${family}`} aria-hidden="true" /> {FAMILIES[family].title}
            </li>
          ))}
      </ul>
    </section>
  );
}

const px = ({ x }: Roofline, intensity: number): number =>
  LEFT + along(x, intensity) * (WIDTH - LEFT - RIGHT);
const py = ({ y }: Roofline, tflops: number): number =>
  HEIGHT - BOTTOM - along(y, tflops) * (HEIGHT - BOTTOM - TOP);

function Axes({ roofline }: { readonly roofline: Roofline }) {
  const floor = HEIGHT - BOTTOM;
  return (
    <>
      {powers(roofline.x)
        .slice(1)
        .map((intensity) => (
          <g key={`x${intensity}`}>
            <line
              class="tick"
              x1={px(roofline, intensity)}
              x2={px(roofline, intensity)}
              y1={TOP}
              y2={floor}
            />
            <text class="tick-text" x={px(roofline, intensity)} y={floor + 14} text-anchor="middle">
              {short(intensity)}
            </text>
          </g>
        ))}
      <text class="tick-text" x={px(roofline, roofline.edge)} y={floor + 14} text-anchor="middle">
        moves
      </text>
      <text class="tick-text" x={(LEFT + WIDTH) / 2} y={HEIGHT - 6} text-anchor="middle">
        FLOP a byte
      </text>
      {powers(roofline.y).map((tflops) => (
        <g key={`y${tflops}`}>
          <line
            class="tick"
            x1={LEFT}
            x2={WIDTH - RIGHT}
            y1={py(roofline, tflops)}
            y2={py(roofline, tflops)}
          />
          <text class="tick-text" x={LEFT - 6} y={py(roofline, tflops) + 4} text-anchor="end">
            {short(tflops)}
          </text>
        </g>
      ))}
      <text class="tick-text" x={4} y={12}>
        TFLOP/s
      </text>
    </>
  );
}

const short = (value: number): string =>
  value >= 0.001 && value < 100_000 ? String(Number(value.toPrecision(3))) : value.toExponential(0);

/** The slope of the memory up to the fastest rate, and a level for each rate. */
function Roofs({ roofline, peaks }: { readonly roofline: Roofline; readonly peaks: Peaks }) {
  const { memory, link, compute } = peaks;
  const right = 10 ** roofline.x.to;
  const top = compute[0]?.tflops ?? memory * right;
  const ridge = Math.min(right, top / memory);
  const left = roofline.edge;
  return (
    <g class="roofs">
      <path
        d={`M${px(roofline, left)},${py(roofline, memory * left)}L${px(roofline, ridge)},${py(roofline, memory * ridge)}`}
      >
        <title>{`memory, ${memory} TB/s`}</title>
      </path>
      {compute.map(({ rate, tflops }, at) => (
        <g key={rate}>
          <path
            d={`M${px(roofline, Math.min(right, tflops / memory))},${py(roofline, tflops)}H${WIDTH - RIGHT}`}
          />
          <text
            x={WIDTH - RIGHT - 4 - (at % 2) * ASIDE}
            y={py(roofline, tflops) - 4}
            text-anchor="end"
          >
            {`${rate} ${tflops} TFLOP/s`}
          </text>
        </g>
      ))}
      <text
        x={px(roofline, ridge * 0.05)}
        y={py(roofline, memory * ridge * 0.05) - 8}
        text-anchor="end"
      >
        {`memory ${memory} TB/s`}
      </text>
      {link > 0 ? (
        <path class="link" d={`M${px(roofline, left) - 12},${py(roofline, link * left)}h24`}>
          <title>{`link, ${link} TB/s`}</title>
        </path>
      ) : null}
    </g>
  );
}

interface PointProps {
  readonly point: RooflinePoint;
  readonly roofline: Roofline;
  readonly family: Family;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

function PointMark({ point, roofline, family, isChosen, onChoose }: PointProps) {
  const { row, intensity, height, size } = point;
  return (
    <circle
      class={`point fam-${family} ${isChosen ? "chosen" : ""} ${(row.pctOfLimit ?? 0) > 100 ? "contradiction" : ""}`}
      cx={px(roofline, intensity)}
      cy={py(roofline, height)}
      r={LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * Math.sqrt(size)}
      onPointerEnter={onChoose}
      onPointerDown={onChoose}
    >
      <title>{inert(rowText(row))}</title>
    </circle>
  );
}

/** The row behind a circle, in words. */
function rowText(row: WorkRow): string {
  const rate = row.flop > 0 ? `${rateText(row.tflops)} TFLOP/s, ` : "";
  const from = row.shapesFrom === "op" ? "" : ` (shapes from the ${row.shapesFrom})`;
  const assuming = row.assuming.length === 0 ? "" : `; assuming ${row.assuming.join("; ")}`;
  return `${row.op} ${row.dims}${from} ×${count(row.count)}: ${timeInWords(row.kernelUs)}, ${rate}${rateText(row.tbps)} TB/s, of its limit ${limitSpan(row).text}${assuming}`;
}

function familiesOf(kernels: readonly KernelRow[]): ReadonlyMap<string, Family> {
  return new Map(kernels.map(({ id, category }) => [id, familyOf(category)]));
}

function familyOfRow({ kernels, boundBy }: WorkRow, families: ReadonlyMap<string, Family>): Family {
  for (const id of kernels) {
    const family = families.get(id);
    if (family !== undefined) return family;
  }
  return boundBy === "link" ? "comm" : "other";
}
