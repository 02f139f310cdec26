/**
 * What was answered before, up to a number of answers: then all are forgotten. A trace has some
 * hundred different kernels, which stay; one made to have a hundred thousand does not fill the
 * memory with them.
 */
export class BoundedMemory<K, V> extends Map<K, V> {
  readonly #most: number;

  constructor(most: number) {
    super();
    this.#most = most;
  }

  override set(key: K, value: V): this {
    if (this.size >= this.#most) this.clear();
    return super.set(key, value);
  }
}
