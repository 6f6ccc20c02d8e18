import { systemTimer } from "../../base/system-timer.ts";
import { lengthBuckets } from "../scheduler/length-buckets.ts";
import type { OnProgress, Unserved } from "./load-model.ts";
import type { FromHost, ToHost } from "./messages.ts";
import type { ServeModelOptions } from "./serve-model.ts";
import { servingTask } from "./serving.ts";
import { TaskHost } from "./task-host.ts";

/** Loads a model whose requests are single runs, and puts its loop together. */
export async function loadTask(options: ServeModelOptions, message: Extract<ToHost, { type: "loadTask" }>, onProgress: OnProgress): Promise<Unserved> {
  const { channel, clock, importTaskEngine } = options;
  const send = (sent: FromHost): void => channel.send(sent);
  const load = await importTaskEngine(message.engine, { clock, home: message.home });
  const task = await load({ ...message.options, onProgress });
  const { model, limits, memoryUse: memory } = task;
  const host = new TaskHost({ model: task, policy: lengthBuckets, waitUs: message.options.onnx.batch_wait_ms * 1000, clock, timer: systemTimer, send });
  return {
    host: servingTask(host, { clock, send }),
    // One batch that runs and one that fills: with fewer requests here than that, no lengths could be chosen among.
    ready: { model, context: model.trainedContext, parallel: limits.items === 1 ? message.parallel : Math.max(message.parallel, 2 * limits.items), memory },
    dispose: () => task.dispose(),
  };
}
