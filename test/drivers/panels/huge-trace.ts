import { open, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { mulberry32 } from "../../../base/random.ts";
import type { FileSpan } from "../../../protocol/trace-file/content.ts";
import { TraceWriter } from "../../../protocol/trace-file/writer.ts";
import { zlibDeflate } from "../../../runtime/trace-file/zlib-deflate.ts";

const stepsOfRequest = 100;
const operationsOfStep = 100;

/** One request with its decode steps and their operations, the fastest of which are the most by far. */
function* requestSpans(number: number, random: () => number): Generator<FileSpan> {
  const [from, root] = [number * 1_000_000, `r${number}`];
  yield { id: root, parentId: null, name: "request", track: 0, startUs: from, durationUs: 990_000, attributes: {} };
  for (let step = 0; step < stepsOfRequest; step++) {
    const [id, at] = [`${root}.${step}`, from + step * 9000];
    yield { id, parentId: root, name: "decode", track: 0, startUs: at, durationUs: 8000 + random() * 900, attributes: { batch: 1 + (step % 16), position: step } };
    for (let operation = 0; operation < operationsOfStep; operation++) {
      yield {
        id: `${id}.${operation}`, parentId: id, name: "operation", track: 0, startUs: at + operation * 79 + random(), durationUs: 1 + random() * 70,
        // Numbers that do not compress: the file is large because of what is in it.
        attributes: { operator: operation % 7 === 0 ? "MUL_MAT" : "ADD", bytes: random() * 1e9, flops: random() * 1e9, gbps: random() * 100, share: random() },
      };
    }
  }
}

/** Writes requests one after the other until the file has so many bytes. Throws where the disk has not twice that. */
export async function writeHugeTrace(path: string, bytes: number): Promise<number> {
  const { bavail, bsize } = await statfs(dirname(path));
  if (bavail * bsize < 2 * bytes) throw new Error(`${dirname(path)} has ${bavail * bsize} bytes left, and twice ${bytes} are wanted.`);
  const file = await open(path, "wx", 0o600);
  let [written, requests] = [0, 0];
  const writer = new TraceWriter({
    write: async (part) => {
      await file.writeFile(part);
      written += part.length;
    },
  }, { deflate: zlibDeflate });
  try {
    const random = mulberry32(1);
    await writer.meta({ title: "huge", producer: "test", source: "inferno", startedAt: null, redacted: false, requests: [], notes: [] });
    await writer.tracks([{ id: 0, name: "requests", kind: "request", request: null }]);
    while (written < bytes) await writer.spans(requestSpans(requests++, random));
    await writer.end();
  } finally {
    await file.close();
  }
  return requests * (1 + stepsOfRequest * (1 + operationsOfStep));
}
