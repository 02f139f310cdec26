import { sha256 } from "../base/sha256.ts";
import type { Report } from "../model/contracts/report.ts";
import { jsonText } from "../report/document/json.ts";

/** A report that a call made, under the name by which it can be asked for again. */
export interface ShelvedReport {
  /** Twelve digits of its JSON's sha256: the same trace and rules have the same. */
  readonly id: string;
  readonly report: Report;
  readonly json: string;
}

/** Reports kept; the oldest goes first. */
const MOST = 16;

/** The reports of this session. */
export class ReportShelf {
  readonly #reports = new Map<string, ShelvedReport>();

  add(report: Report): ShelvedReport {
    const json = jsonText(report, "report");
    const id = sha256(json).slice(0, 12);
    const shelved = { id, report, json };
    this.#reports.delete(id);
    this.#reports.set(id, shelved);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > MOST) this.#reports.delete(oldest!);
    return shelved;
  }

  get(id: string): ShelvedReport | null {
    return this.#reports.get(id) ?? null;
  }

  all(): readonly ShelvedReport[] {
    return [...this.#reports.values()];
  }
}
