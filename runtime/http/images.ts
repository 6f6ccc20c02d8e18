import type { ChatMessage, SentMessage } from "../../protocol/api/openai.ts";
import { InfernoError } from "../../protocol/errors.ts";
import type { ModelRuntime } from "../routing/model-runtime.ts";
import type { Router } from "../routing/router.ts";
import type { TraceRecorder } from "../trace/recorder.ts";
import { bytesOf } from "./media.ts";
import { requireTask } from "./task.ts";

/** Each is a run of its own, one after the other. */
const mostImages = 16;

interface Image {
  /** Such as `messages.0.content.1.image_url`. */
  readonly param: string;
  readonly bytes: Uint8Array;
}

/** How the images of a conversation become text; null when it has none. Throws for those that cannot be read at all, before anything waits. */
export function imageReader(messages: readonly SentMessage[], model: ModelRuntime, router: Router): ImageReader | null {
  const places = messages.flatMap(({ role, content }, index) => (role !== "user" || typeof content === "string" ? [] : content.flatMap((part, at) =>
    (part.type === "text" ? [] : [{ url: part.image_url.url, param: `messages.${index}.content.${at}.image_url` }]))));
  const [first] = places;
  if (first === undefined) return null;
  const { name, config } = model.definition;
  if (config.images === undefined) {
    throw new InfernoError("unsupported_parameter", `${first.param}: "${name}" takes no images: no engine here looks at them, or describes them.`, {
      param: first.param, hint: `Text in images can be read: set \`models.${name}.images: {ocr: NAME}\` in inferno.yaml, with the name of a model for OCR.`,
    });
  }
  const beyond = places[mostImages];
  if (beyond !== undefined) throw new InfernoError("invalid_request", `${beyond.param}: more than ${mostImages} images.`, { param: beyond.param, hint: "Send fewer images." });
  const images = places.map(({ url, param }) => ({ param, bytes: bytesIn(url, param) }));
  return new ImageReader(messages, images, readerOf(config.images.ocr, first.param, router));
}

function readerOf(name: string, param: string, router: Router): ModelRuntime {
  try {
    const reader = router.find(name);
    requireTask(reader, ["ocr"]);
    return reader;
  } catch (error) {
    throw named(error, param, "`images.ocr` in inferno.yaml");
  }
}

class ImageReader {
  readonly #messages: readonly SentMessage[];
  readonly #images: readonly Image[];
  readonly #reader: ModelRuntime;

  constructor(messages: readonly SentMessage[], images: readonly Image[], reader: ModelRuntime) {
    this.#messages = messages;
    this.#images = images;
    this.#reader = reader;
  }

  /** The same messages with what was read in the place of the images. */
  async read(trace: TraceRecorder, signal: AbortSignal, timeoutMs: () => number | null): Promise<ChatMessage[]> {
    const texts: string[] = [];
    for (const { param, bytes } of this.#images) {
      const done = trace.open("read image");
      const text = await this.#readOne(param, bytes, trace, signal, timeoutMs());
      done({ model: this.#reader.definition.name, part: param, bytes: bytes.length, characters: text.length });
      texts.push(text);
    }
    return withTexts(this.#messages, texts);
  }

  async #readOne(param: string, image: Uint8Array, trace: TraceRecorder, signal: AbortSignal, timeoutMs: number | null): Promise<string> {
    try {
      const { output } = await this.#reader.work("infer", { input: { task: "ocr", image } }, trace, signal, timeoutMs);
      if (output.task !== "ocr") throw new InfernoError("internal", `The model answered "${output.task}" to "ocr".`);
      return output.lines.map(({ text }) => text).join("\n");
    } catch (error) {
      throw named(error, param, `the model "${this.#reader.definition.name}" did not read it`);
    }
  }
}

/** What a model sees of an image; `number` counts through the conversation, for "the second image" means something then. */
export const imageText = (number: number, text: string): string => (text === "" ? `[Image ${number}: no text was found in it]` : `[Text in image ${number}]\n${text}\n[End of image ${number}]`);

/** Templates put parts together without anything between them, so that what was read has lines of its own. */
export function withTexts(messages: readonly SentMessage[], texts: readonly string[]): ChatMessage[] {
  let seen = 0;
  return messages.map((message) => {
    if (message.role !== "user") return message;
    const { content } = message;
    if (typeof content === "string") return { ...message, content };
    const parts = content.map((part, index) => {
      if (part.type === "text") return part;
      const [before, after] = [content[index - 1], content[index + 1]];
      const begin = before === undefined || (before.type === "text" && /(^|\n)$/.test(before.text)) ? "" : "\n";
      const end = after?.type === "text" && !after.text.startsWith("\n") ? "\n" : "";
      const text = imageText(seen + 1, texts[seen] ?? "");
      seen += 1;
      return { type: "text" as const, text: `${begin}${text}${end}` };
    });
    return { ...message, content: parts };
  });
}

function bytesIn(url: string, param: string): Uint8Array {
  if (/^data:/i.test(url)) return bytesOf(url, param);
  const what = /^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0];
  throw new InfernoError("invalid_request", `${param}: ${what === undefined ? "this is no data URL" : `the daemon fetches no addresses (${what})`}.`, {
    param, hint: "Send the image's bytes: `data:image/png;base64,…`.",
  });
}

/** These say something of the whole request. */
const ofTheRequest: ReadonlySet<string> = new Set(["request_cancelled", "deadline_exceeded", "daemon_stopping", "internal"]);

/** The same error, with the part of the message that it is about. */
function named(thrown: unknown, param: string, who: string): InfernoError {
  const error = InfernoError.from(thrown);
  if (ofTheRequest.has(error.code)) return error;
  const { code, message, hint, retryAfter } = error;
  return new InfernoError(code, `${param}: ${who}: ${message}`, { param, hint, retryAfter, cause: thrown });
}
