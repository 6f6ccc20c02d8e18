import { z } from "zod";
import { fileField, formBoolean, formNumber } from "./media.ts";
import { profile } from "./profile.ts";

/** Bodies of the routes that hear and speak. Times are seconds from the beginning. */

const model = z.string().min(1).meta({ description: "Model name." });
const file = fileField("WAV, MP3, Ogg (Vorbis, Opus) or FLAC.");
const seconds = z.number().meta({ description: "Seconds." });
const share = formNumber.pipe(z.number().min(0).max(1));

export const TranscriptionRequest = z.object({
  model, file,
  language: z.string().min(2).max(10).optional().meta({ description: "ISO 639-1. Default: the model decides." }),
  response_format: z.enum(["json", "text", "verbose_json", "srt", "vtt"]).default("json"),
  timestamp_granularities: z.array(z.enum(["segment"])).optional().meta({ description: "With `verbose_json`. Words are not supported." }),
  prompt: z.literal("").optional().meta({ description: "Not supported: leave it out." }),
  temperature: formNumber.pipe(z.literal(0)).optional().meta({ description: "Always 0." }),
  stream: formBoolean.pipe(z.literal(false)).optional().meta({ description: "Not supported: leave it out." }),
  profile,
}).meta({ id: "TranscriptionRequest" });
const Segment = z.object({ id: z.int(), start: seconds, end: seconds, text: z.string() });
export const TranscriptionResponse = z.object({
  text: z.string(), task: z.literal("transcribe").optional(), language: z.string().optional(), duration: seconds.optional(), segments: z.array(Segment).optional(),
}).meta({ id: "TranscriptionResponse", description: "`text`, `srt` and `vtt` are answered as plain text." });

export const SpeechRequest = z.object({
  model,
  input: z.string().min(1).max(4096).meta({ description: "What to say." }),
  voice: z.string().min(1).optional().meta({ description: "A voice of the model's manifest." }),
  response_format: z.enum(["wav", "pcm"]).default("wav").meta({ description: "`pcm`: 16-bit samples, little endian, without a header." }),
  speed: z.number().min(0.25).max(4).default(1),
  profile,
}).meta({ id: "SpeechRequest" });

const Speech = z.object({ start: seconds, end: seconds });
export const VadRequest = z.object({
  model, file,
  threshold: share.optional().meta({ description: "Least probability of speech. Default: as the model's manifest says." }),
  probabilities: formBoolean.default(false).meta({ description: "Also give the probability of every window." }),
  profile,
}).meta({ id: "VadRequest" });
export const VadResponse = z.object({
  model: z.string(), duration: seconds,
  speech: z.array(Speech).meta({ description: "Where somebody speaks." }),
  window: seconds.meta({ description: "Length of a window." }),
  probabilities: z.array(z.number()).optional(),
}).meta({ id: "VadResponse" });

/** `GET` with a WebSocket: binary frames with 16-bit samples in, one of these for each frame out. */
export const VadStreamQuery = z.object({
  model,
  sample_rate: z.coerce.number().pipe(z.int().min(1000).max(192_000)).default(16_000).meta({ description: "Of the samples that are sent." }),
  threshold: z.coerce.number().pipe(z.number().min(0).max(1)).optional().meta({ description: "Least probability of speech. Default: as the model's manifest says." }),
}).meta({ id: "VadStreamQuery" });
export const VadStreamEvent = z.object({
  at: seconds.meta({ description: "Sound heard so far." }),
  probabilities: z.array(z.number()).meta({ description: "Of the windows that became complete." }),
  speaking: z.boolean().meta({ description: "Speech has begun and not ended: from a probability of the threshold on, until silence has lasted as long as the model's manifest says." }),
}).meta({ id: "VadStreamEvent" });

export const WakeRequest = z.object({ model, file, threshold: share.optional().meta({ description: "Least score. Default: as the model's manifest says." }), profile }).meta({ id: "WakeRequest" });
export const WakeResponse = z.object({ model: z.string(), words: z.array(z.object({ word: z.string(), score: z.number(), at: seconds })) }).meta({ id: "WakeResponse" });
