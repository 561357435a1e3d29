/** How much a `BoundedMap` keeps. */
export interface Bound<Value> {
  /** Most entries. */
  entries: number;
  /** Most that the sizes of the entries add up to; no limit when absent. */
  total?: number;
  /** Size of one entry, in the unit of `total`. It may not change while the entry is kept. */
  sizeOf?: (value: Value) => number;
}

/** A map that drops its oldest entries when it outgrows its bound. Setting a key again makes it the newest. */
export class BoundedMap<Value> extends Map<string, Value> {
  readonly #bound: Bound<Value>;
  #total = 0;

  constructor(bound: Bound<Value>) {
    super();
    this.#bound = bound;
  }

  /** What the sizes of the entries add up to; 0 without `sizeOf`. */
  get total(): number {
    return this.#total;
  }

  override set(key: string, value: Value): this {
    this.delete(key);
    super.set(key, value);
    this.#total += this.#sizeOf(value);
    const { entries, total = Number.POSITIVE_INFINITY } = this.#bound;
    for (const oldest of this.keys()) {
      if (this.size <= entries && this.#total <= total) break;
      this.delete(oldest);
    }
    return this;
  }

  override delete(key: string): boolean {
    const value = this.get(key);
    if (value !== undefined) this.#total -= this.#sizeOf(value);
    return super.delete(key);
  }

  override clear(): void {
    super.clear();
    this.#total = 0;
  }

  #sizeOf(value: Value): number {
    return this.#bound.sizeOf?.(value) ?? 0;
  }
}
