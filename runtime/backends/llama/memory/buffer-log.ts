/**
 * What llama.cpp's log says of memory. It is the only place where the C interface tells buffer sizes: the function that returns them is C++
 * and gives a std::map. The log names them in MiB with two decimals, so a figure is exact to 5 KiB.
 */
export interface BufferSizes {
  /** Weights by buffer: `CPU_Mapped`, `CPU_REPACK`, `CUDA0`. */
  readonly weights: ReadonlyMap<string, number>;
  /** Cells by device. */
  readonly kv: ReadonlyMap<string, number>;
  /** Intermediate results and outputs by device. */
  readonly compute: ReadonlyMap<string, number>;
  /** The device of each layer's weights; the last is the output layer. */
  readonly layers: readonly string[];
}

const mebibyte = 1024 ** 2;
const weightsLine = /^load_tensors: +(\S+) model buffer size = +([\d.]+) MiB/;
const adapterLine = /: +(\S+) LoRA buffer size = +([\d.]+) MiB/;
const cellsLine = /: +(\S+) (?:KV|RS) buffer size = +([\d.]+) MiB/;
const computeLine = /: +(\S+) +(?:compute|output) buffer size = +([\d.]+) MiB/;
const layerLine = /^load_tensors: layer +\d+ assigned to device ([^\s,]+)/;
const cellLayerLine = /: layer +\d+: dev = (\S+)/;
/** The sum over a cache's devices, which is there even when nothing was allocated. */
const cacheLine = /: size = +([\d.]+) MiB \( *\d+ cells/;

/** `dry`: the lines are of a load without allocations, in which only sums are named and every KV buffer is empty. */
export function readBufferSizes(lines: readonly string[], dry: boolean): BufferSizes {
  const weights = new Map<string, number>();
  const kv = new Map<string, number>();
  const compute = new Map<string, number>();
  const layers: string[] = [];
  let cacheLayers: string[] = [];
  const add = (sizes: Map<string, number>, name: string, bytes: number): void => void sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  const found = (pattern: RegExp, line: string, sizes: Map<string, number>, key = (name: string) => name): boolean => {
    const [, name, mib] = pattern.exec(line) ?? [];
    if (name === undefined) return false;
    add(sizes, key(name), Math.round(Number(mib) * mebibyte));
    return true;
  };
  for (const line of lines) {
    const layer = layerLine.exec(line)?.[1];
    const cacheLayer = cellLayerLine.exec(line)?.[1];
    const cache = cacheLine.exec(line)?.[1];
    if (layer !== undefined) layers.push(layer);
    else if (cacheLayer !== undefined) cacheLayers.push(cacheLayer);
    else if (cache !== undefined) {
      // All layers of one cache have cells of one size, but for models whose layers differ in heads.
      for (const device of dry ? cacheLayers : []) add(kv, deviceOf(device), Math.round(Number(cache) * mebibyte / cacheLayers.length));
      cacheLayers = [];
    } else if (!dry) {
      void (found(weightsLine, line, weights) || found(adapterLine, line, weights) || found(cellsLine, line, kv, deviceOf) || found(computeLine, line, compute, deviceOf));
    } else found(computeLine, line, compute, deviceOf);
  }
  return { weights, kv, compute, layers };
}

/** The device whose memory a buffer takes. Memory that a GPU can reach in place (`CUDA_Host`) is the machine's. */
export function deviceOf(buffer: string): string {
  const name = buffer.replace(/_(?:Mapped|Private|Shared|REPACK|Split)$/i, "");
  return /^CPU|_Host$|^BLAS|^AMX|_HBM$/i.test(name) ? "CPU" : name;
}

/** Mapped files: the system may drop these pages and read them again. */
export const isMapped = (buffer: string): boolean => /_Mapped$/i.test(buffer);
