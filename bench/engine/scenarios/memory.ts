import { prose } from "../../models/syllables.ts";
import { memoryWithout } from "../memory.ts";
import { metricsOf } from "../metrics.ts";
import { atMost, row } from "../row.ts";
import type { Scenario } from "../scenario.ts";
import type { Side } from "../side.ts";

const [streams, context] = [4, 1024];
const mib = 2 ** 20;

export const memory: Scenario = {
  name: "memory",
  about: `memory of all processes with a loaded model and ${streams} answers done, without the pages of the model's file`,
  run: async ({ ours, peer, daemon, load, model }) => {
    const needs = { model, parallel: streams, context };
    const asks = Array.from({ length: streams }, (_, stream) => ({ prompt: prose(64, stream), maxTokens: 64 }));
    const measure = async <T>(side: Side, read: (wholeMib: number) => Promise<T>): Promise<T> => {
      try {
        await load.run({ target: side.target, asks });
        return await read(memoryWithout(side.pids(), model) / mib);
      } finally {
        await side.stop();
      }
    };
    // A daemon that finds its programs compiled, as every one but the first does, holds less.
    await (await ours(needs)).stop();
    const side = await ours(needs);
    const our = await measure(side, async (whole) => ({ whole, beyond: daemon ? whole - await bufferBytes(side) / mib : null }));
    const other = await peer?.(needs);
    const theirs = other === undefined || other.pids().length === 0 ? null : [await measure(other, (whole) => Promise.resolve(whole))];
    const base = { scenario: "memory", unit: "MiB" };
    return [
      row({ ...base, figure: "beside the model's file", ours: [our.whole], peer: theirs }),
      ...(our.beyond === null ? [] : [row({ ...base, figure: "beyond weights, KV and compute", ours: [our.beyond], peer: null, bar: atMost(120), absolute: true })]),
    ];
  },
};

/** The engine's own buffers, as it measured them. */
async function bufferBytes(side: Side): Promise<number> {
  const metrics = await metricsOf(side.target);
  const part = (name: string): number => metrics.get(`inferno_model_memory_bytes{model="bench",kind="measured",part="${name}"}`) ?? Number.NaN;
  return part("kv") + part("compute");
}
