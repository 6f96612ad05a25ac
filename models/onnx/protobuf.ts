/**
 * A protobuf writer that is just large enough for ONNX: varints, fixed 32-bit floats, strings, nested messages and raw
 * bytes.
 * Sizes are known before anything is written out, so a tensor's bytes are copied once, into the finished file.
 */
export class Message {
  private readonly parts: (Uint8Array | Message)[] = [];
  private size = 0;

  /** Bytes of the encoded message. */
  get byteLength(): number {
    return this.size;
  }

  /** int32, int64, uint64, bool and enum fields. A negative value takes ten bytes, as protobuf asks. */
  integer(field: number, value: number | bigint): this {
    this.push(tag(field, 0));
    return this.push(varint(value));
  }

  float(field: number, value: number): this {
    this.push(tag(field, 5));
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.push(bytes);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** The bytes are referenced, not copied, until `encode`. */
  bytes(field: number, value: Uint8Array): this {
    this.push(tag(field, 2));
    this.push(varint(value.byteLength));
    return this.push(value);
  }

  /** The nested message must be complete: its length is written now. */
  message(field: number, value: Message): this {
    this.push(tag(field, 2));
    this.push(varint(value.size));
    this.size += value.size;
    this.parts.push(value);
    return this;
  }

  encode(): Uint8Array {
    const out = new Uint8Array(this.size);
    this.copyTo(out, 0);
    return out;
  }

  private copyTo(out: Uint8Array, offset: number): number {
    for (const part of this.parts) {
      if (part instanceof Message) offset = part.copyTo(out, offset);
      else {
        out.set(part, offset);
        offset += part.byteLength;
      }
    }
    return offset;
  }

  private push(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.size += bytes.byteLength;
    return this;
  }
}

function tag(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 128 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
