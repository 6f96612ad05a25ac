import type { DataType, Tensor, TensorData } from '../runtime/types';

/** A tensor that several hold rows of: it is disposed with the last of them. */
export class Whole {
  constructor(
    readonly tensor: Tensor,
    private holders: number,
  ) {}

  get rows(): number {
    return this.tensor.dims[0]!;
  }

  release(): void {
    if (--this.holders === 0) this.tensor.dispose();
  }

  /** A run is given these of its holders: where there are no others and none is read again, it may be written over. */
  give(parts: readonly SharedRows[]): Tensor {
    if (parts.length === this.holders && parts.every(({ spent }) => spent)) this.tensor.spend?.();
    return this.tensor;
  }
}

/** Some rows (the first axis) of a tensor that is one for several. */
export class SharedRows implements Tensor {
  readonly type: DataType;
  readonly dims: readonly number[];
  #held = true;
  #spent = false;

  constructor(
    readonly whole: Whole,
    readonly from: number,
    readonly rows: number,
  ) {
    this.type = whole.tensor.type;
    this.dims = [rows, ...whole.tensor.dims.slice(1)];
  }

  get spent(): boolean {
    return this.#spent;
  }

  spend(): void {
    this.#spent = true;
  }

  async read(): Promise<TensorData> {
    const values = await this.whole.tensor.read();
    const each = values.length / this.whole.rows;
    return values.subarray(this.from * each, (this.from + this.rows) * each);
  }

  dispose(): void {
    if (this.#held) this.whole.release();
    this.#held = false;
  }
}

/** The tensor that these are the rows of, all of them and in order; undefined where there is none. */
export function wholeOf(parts: readonly Tensor[]): Tensor | undefined {
  const [first] = parts;
  if (!(first instanceof SharedRows)) return undefined;
  let at = 0;
  for (const part of parts) {
    if (!(part instanceof SharedRows) || part.whole !== first.whole || part.from !== at) return undefined;
    at += part.rows;
  }
  return at === first.whole.rows ? first.whole.give(parts as readonly SharedRows[]) : undefined;
}
