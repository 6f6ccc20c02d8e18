import type { Inference, Inferred, Sound } from "../../../protocol/infer.ts";

/**
 * What the fake engine answers: it reads the bytes of images and sounds as text, so that a test knows beforehand what comes out.
 * `words` counts as length, and the answer is made of nothing but what was asked.
 */
export function textsOf(input: Inference): readonly string[] {
  switch (input.task) {
    case "text-classification":
    case "token-classification":
      return input.texts;
    case "image-classification":
      return input.images.map(decode);
    case "object-detection":
    case "ocr":
      return [decode(input.image)];
    case "vad":
    case "wake-word":
    case "transcription":
      return [textOf(input.sound)];
    case "speech":
      return [input.text];
    case "raw":
      return [Object.values(input.inputs).map(({ data }) => (data instanceof Uint8Array ? decode(data) : data.join(" "))).join(" ")];
    default:
      return input satisfies never;
  }
}

export function infer(input: Inference, texts: readonly string[]): Inferred {
  const tokens = texts.reduce((sum, text) => sum + wordsOf(text).length, 0);
  const [text = ""] = texts;
  const box = { x: 0, y: 0, width: 2, height: 1 };
  switch (input.task) {
    case "text-classification":
      return { task: input.task, tokens, labels: texts.map((each) => labelsOf(each, input.top)) };
    case "token-classification":
      return { task: input.task, tokens, entities: texts.map((each) => wordsOf(each).map(({ word, start }) => ({ text: word, label: "word", score: 1, start, end: start + word.length }))) };
    case "image-classification":
      return { task: input.task, labels: texts.map((each) => labelsOf(each, input.top)) };
    case "object-detection":
      return { task: input.task, width: 4, height: 3, detections: wordsOf(text).map(({ word }) => ({ label: word, score: 1, box })) };
    case "ocr":
      return { task: input.task, width: 4, height: 3, lines: text.split("\n").map((line) => ({ text: line, score: 1, corners: [[0, 0], [2, 0], [2, 1], [0, 1]] })) };
    case "vad":
      return { task: input.task, probabilities: Float32Array.from(wordsOf(text), () => 1), windowSeconds: 0.5, speech: [{ start: 0, end: 1 }], speaking: true, state: Uint8Array.of((input.state?.[0] ?? 0) + 1) };
    case "wake-word":
      return { task: input.task, scores: wordsOf(text).map(({ word }, index) => ({ word, score: 1, at: index })), state: Uint8Array.of((input.state?.[0] ?? 0) + 1) };
    case "transcription":
      return { task: input.task, text, language: input.language, seconds: 1, segments: [{ start: 0, end: 1, text }] };
    case "speech":
      return { task: input.task, samples: Float32Array.from(text, (_, index) => Math.sin(index)), sampleRate: 16_000 };
    case "raw":
      return { task: input.task, outputs: input.inputs };
    default:
      return input satisfies never;
  }
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const textOf = (sound: Sound): string => (sound.kind === "file" ? decode(sound.bytes) : `${sound.samples.length} samples`);

const wordsOf = (text: string): { readonly word: string; readonly start: number }[] => [...text.matchAll(/\S+/g)].map(({ 0: word, index: start }) => ({ word, start }));

/** Each word once, the first the most likely. */
const labelsOf = (text: string, top: number | null): { readonly label: string; readonly score: number }[] =>
  [...new Set(wordsOf(text).map(({ word }) => word))].slice(0, top ?? undefined).map((label, index) => ({ label, score: 1 / (index + 1) }));
