import type { WebSocket } from "@fastify/websocket";
import type { VadStreamEvent } from "../../../protocol/api/audio.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { routes } from "../../../protocol/routes.ts";
import type { z } from "zod";
import type { InferDeps } from "../infer.ts";
import type { Mounted } from "../mount.ts";
import { mountSocket } from "../socket.ts";
import { requireTask } from "../task.ts";
import { fromPcm16 } from "../wav.ts";

/** Sound that may wait to be heard; who sends faster than the model hears is not buffered without end. */
const longestBacklogSeconds = 60;
/** WebSocket close codes (RFC 6455, 7.4.1): a message of the wrong kind, and a failure of the server. */
const [wrongKind, failed] = [1003, 1011];

/** Speech in a sound as it comes in. Each binary message goes through the model in its turn, and is answered by one event. */
export function mountVadStream(to: Mounted, { router }: InferDeps): void {
  mountSocket(to, routes.vadStream, ({ query: { model: name, sample_rate: sampleRate, threshold = null } }, socket) => {
    const gone = new AbortController();
    socket.once("close", () => gone.abort(new InfernoError("request_cancelled", "The client closed the connection.")));
    let state: Uint8Array | null = null;
    let heard = 0;
    let waiting = 0;
    let turn = Promise.resolve();
    const hear = async (bytes: Uint8Array): Promise<void> => {
      const model = router.find(name);
      requireTask(model, ["vad"]);
      const samples = fromPcm16(bytes);
      const { output } = await model.ask("infer", { input: { task: "vad", sound: { kind: "samples", samples, sampleRate }, state, threshold } }, gone.signal);
      if (output.task !== "vad") throw new InfernoError("internal", `The model answered "${output.task}" to "vad".`);
      ({ state } = output);
      heard += samples.length / sampleRate;
      waiting -= bytes.length;
      send(socket, { at: heard, probabilities: [...output.probabilities], speaking: output.speaking });
    };
    socket.on("message", (data: Buffer, isBinary) => {
      if (!isBinary) return socket.close(wrongKind, "16-bit samples are sent as binary messages");
      waiting += data.length;
      if (waiting > longestBacklogSeconds * sampleRate * 2) return refuse(socket, new InfernoError("queue_full", `More than ${longestBacklogSeconds} s of sound wait to be heard.`));
      turn = turn.then(() => hear(data)).catch((error: unknown) => refuse(socket, InfernoError.from(error)));
    });
  });
}

function send(socket: WebSocket, message: z.infer<typeof VadStreamEvent> | ReturnType<InfernoError["toBody"]>): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

/** The error as the last message, in the API's shape. */
function refuse(socket: WebSocket, error: InfernoError): void {
  send(socket, error.toBody());
  socket.close(failed, error.code);
}
