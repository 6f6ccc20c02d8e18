import { routes } from "../../../protocol/routes.ts";
import { infer, type InferDeps } from "../infer.ts";
import { bytesOf } from "../media.ts";
import { mount, streamed, type Mounted } from "../mount.ts";
import { srt, vtt } from "../subtitles.ts";
import { pcm16, wav } from "../wav.ts";

/** What is heard and said. */
export function mountAudioRoutes(to: Mounted, deps: InferDeps): void {
  mount(to, routes.transcriptions, async ({ body: { model, file, language = null, response_format: format, profile } }, call) => {
    const sound = { kind: "file", bytes: bytesOf(file, "file") } as const;
    const timestamps = format !== "json" && format !== "text";
    const heard = await infer(deps, call, {
      route: routes.transcriptions.path, model, task: "transcription", input: { sound, language, timestamps }, profile, parameters: { bytes: sound.bytes.length, language, format },
    });
    const { text, seconds, segments } = heard;
    if (format === "json") return { text };
    if (format === "verbose_json") {
      return {
        text, task: "transcribe" as const, ...(heard.language !== null && { language: heard.language }), duration: seconds,
        segments: segments.map((segment, id) => ({ id, ...segment })),
      };
    }
    await call.reply.type("text/plain; charset=utf-8").send(format === "text" ? `${text}\n` : format === "srt" ? srt(segments) : vtt(segments));
    return streamed;
  });
  mount(to, routes.speech, async ({ body: { model, input, voice = null, speed, response_format: format, profile } }, call) => {
    const { samples, sampleRate } = await infer(deps, call, {
      route: routes.speech.path, model, task: "speech", input: { text: input, voice, speed }, profile, parameters: { characters: input.length, voice, speed, format },
    });
    if (format === "wav") return wav(samples, sampleRate);
    await call.reply.type(`audio/L16; rate=${sampleRate}; channels=1`).send(pcm16(samples));
    return streamed;
  });
  mount(to, routes.vad, async ({ body: { model, file, threshold = null, probabilities, profile } }, call) => {
    const sound = { kind: "file", bytes: bytesOf(file, "file") } as const;
    const heard = await infer(deps, call, { route: routes.vad.path, model, task: "vad", input: { sound, state: null, threshold }, profile, parameters: { bytes: sound.bytes.length, threshold } });
    return {
      model, duration: heard.probabilities.length * heard.windowSeconds, speech: [...heard.speech], window: heard.windowSeconds,
      ...(probabilities && { probabilities: [...heard.probabilities] }),
    };
  });
  mount(to, routes.wake, async ({ body: { model, file, threshold = null, profile } }, call) => {
    const sound = { kind: "file", bytes: bytesOf(file, "file") } as const;
    const { scores } = await infer(deps, call, { route: routes.wake.path, model, task: "wake-word", input: { sound, state: null, threshold }, profile, parameters: { bytes: sound.bytes.length, threshold } });
    return { model, words: [...scores] };
  });
}
