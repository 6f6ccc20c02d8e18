import type { WebSocket } from "@fastify/websocket";
import type { VadStreamEvent } from "../../../protocol/api/audio.ts";
import { InfernoError } from "../../../protocol/errors.ts";
import { routes } from "../../../protocol/routes.ts";
import type { z } from "zod";
import { InTurn } from "../in-turn.ts";
import type { InferDeps } from "../infer.ts";
import type { Mounted } from "../mount.ts";
import { mountSocket } from "../socket.ts";
import { requireTask } from "../task.ts";
import { fromPcm16 } from "../wav.ts";

/** Sound that waits to be heard before a client that sends faster than the model hears has to wait, and what a single message may bring. */
const [pauseSeconds, mostSeconds] = [5, 60];
/** The same in messages. A read of the network brings a hundred of 20 ms; who sends thousands within 64 kB sends no sound. */
const [pauseMessages, mostMessages] = [50, 1000];
/** WebSocket close codes (RFC 6455, 7.4.1): a message of the wrong kind, and a failure of the server. */
const [wrongKind, failed] = [1003, 1011];

/** Speech in a sound as it comes in. Each binary message goes through the model in its turn, and is answered by one event. */
export function mountVadStream(to: Mounted, { router }: InferDeps): void {
  mountSocket(to, routes.vadStream, ({ query: { model: name, sample_rate: sampleRate, threshold = null } }, socket) => {
    const gone = new AbortController();
    socket.once("close", () => gone.abort(new InfernoError("request_cancelled", "The client closed the connection.")));
    let state: Uint8Array | null = null;
    let heard = 0;
    const hear = async (bytes: Uint8Array): Promise<void> => {
      if (bytes.length === 0 || bytes.length % 2 !== 0) throw new InfernoError("invalid_request", `A message has ${bytes.length} bytes, which are no 16-bit samples.`, { hint: "Send two bytes for each sample, and no message without any." });
      const model = router.find(name);
      requireTask(model, ["vad"]);
      const samples = fromPcm16(bytes);
      const { output } = await model.ask("infer", { input: { task: "vad", sound: { kind: "samples", samples, sampleRate }, state, threshold } }, gone.signal);
      if (output.task !== "vad") throw new InfernoError("internal", `The model answered "${output.task}" to "vad".`);
      ({ state } = output);
      heard += samples.length / sampleRate;
      await send(socket, { at: heard, probabilities: [...output.probabilities], speaking: output.speaking });
    };
    const amount = (messages: number, seconds: number) => ({ messages, bytes: seconds * sampleRate * 2 });
    socket.on("message", (_, isBinary) => {
      if (!isBinary) socket.close(wrongKind, "16-bit samples are sent as binary messages");
    });
    new InTurn(socket, {
      pauseAt: amount(pauseMessages, pauseSeconds), most: amount(mostMessages, mostSeconds), answer: hear,
      fail: (error) => void refuse(socket, error),
    });
  });
}

/** Resolves when it is on its way: of a client that does not read its answers no more is heard. */
async function send(socket: WebSocket, message: z.infer<typeof VadStreamEvent> | ReturnType<InfernoError["toBody"]>): Promise<void> {
  if (socket.readyState === socket.OPEN) await new Promise<void>((resolve) => socket.send(JSON.stringify(message), () => resolve()));
}

/** The error as the last message, in the API's shape. */
async function refuse(socket: WebSocket, error: InfernoError): Promise<void> {
  await send(socket, error.toBody());
  socket.close(error.code === "invalid_request" ? wrongKind : failed, error.code);
}
