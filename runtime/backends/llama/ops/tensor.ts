import { array, decode, offsetof, sizeof } from "koffi";

import { GGML_MAX_DIMS, GGML_MAX_SRC, type Binding, type Pointer } from "../native/llama.generated.ts";

/** A copy of a `ggml_tensor`: the graph's memory is used again as soon as the next one is built. */
export type TensorBytes = Uint8Array;

export interface TensorFacts {
  readonly type: number;
  readonly op: number;
  readonly name: string;
  readonly ne: readonly [number, number, number, number];
}

/** Reads tensors out of llama.cpp's memory. The copy takes under a microsecond; making sense of it is left for later. */
export class TensorReader {
  readonly #struct: ReturnType<typeof array>;
  readonly #at: Readonly<Record<"type" | "op" | "ne" | "src" | "name" | "buffer", number>>;
  readonly #nameLength: number;

  constructor({ types: { ggml_tensor: struct } }: Binding) {
    this.#struct = array("uint8_t", sizeof(struct), "Typed");
    const at = (field: string): number => offsetof(struct, field);
    this.#at = { type: at("type"), op: at("op"), ne: at("ne"), src: at("src"), name: at("name"), buffer: at("buffer") };
    this.#nameLength = at("extra") - at("name");
  }

  copy(tensor: Pointer): TensorBytes {
    return decode(tensor, this.#struct) as TensorBytes;
  }

  /** By their place. */
  sources(bytes: TensorBytes): (TensorBytes | null)[] {
    const found: (TensorBytes | null)[] = [];
    for (let index = 0; index < GGML_MAX_SRC; index += 1) {
      const source = pointerAt(bytes, this.#at.src + 8 * index);
      found.push(source === null ? null : this.copy(source));
    }
    return found;
  }

  /** Without a copy. */
  opAt(tensor: Pointer): number {
    return decode(tensor, this.#at.op, "int32_t") as number;
  }

  op(bytes: TensorBytes): number {
    return view(bytes).getInt32(this.#at.op, true);
  }

  buffer(bytes: TensorBytes): Pointer {
    return pointerAt(bytes, this.#at.buffer);
  }

  facts(bytes: TensorBytes): TensorFacts {
    const data = view(bytes);
    const ne = (index: number): number => Number(data.getBigInt64(this.#at.ne + 8 * index, true));
    const { name: start } = this.#at;
    const zero = bytes.indexOf(0, start);
    const end = zero === -1 ? start + this.#nameLength : Math.min(zero, start + this.#nameLength);
    return {
      type: data.getInt32(this.#at.type, true), op: this.op(bytes), name: Buffer.from(bytes.subarray(start, end)).toString("utf8"), ne: [ne(0), ne(1), ne(2), ne(GGML_MAX_DIMS - 1)],
    };
  }
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function pointerAt(bytes: Uint8Array, offset: number): Pointer {
  const address = view(bytes).getBigUint64(offset, true);
  return address === 0n ? null : address;
}
