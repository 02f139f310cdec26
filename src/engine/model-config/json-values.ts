import { isObject } from "../../base/is-object.ts";

type Json = Readonly<Record<string, unknown>>;

/** Reads of a parsed JSON object that answer null for what is not there or of another kind. */
export class JsonValues {
  readonly #value: Json;

  constructor(value: Json) {
    this.#value = value;
  }

  /** The first of these keys that holds something; a dot goes one object deeper. */
  any(...keys: readonly string[]): unknown {
    for (const key of keys) {
      const found = key
        .split(".")
        .reduce<unknown>((at, part) => (isObject(at) ? at[part] : undefined), this.#value);
      if (found !== undefined && found !== null) return found;
    }
    return null;
  }

  /** A whole number above zero. */
  count(...keys: readonly string[]): number | null {
    const value = this.any(...keys);
    return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : null;
  }

  text(...keys: readonly string[]): string | null {
    const value = this.any(...keys);
    return typeof value === "string" ? value : null;
  }

  list(...keys: readonly string[]): readonly unknown[] | null {
    const value = this.any(...keys);
    return Array.isArray(value) ? value : null;
  }

  object(...keys: readonly string[]): JsonValues | null {
    const value = this.any(...keys);
    return isObject(value) ? new JsonValues(value) : null;
  }

  isSet(...keys: readonly string[]): boolean {
    return this.any(...keys) === true;
  }
}
