/** What is asked of models whose requests are single runs, and what they answer, beside vectors and scores. Routes and messages speak of the same. */

export const tensorTypes = ["float32", "float16", "float64", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "bool", "string"] as const;
export type TensorType = (typeof tensorTypes)[number];

/** Dense, row-major. */
export interface TensorData {
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** Little endian, as many bytes as shape and type say; for `string` the texts. */
  readonly data: Uint8Array | readonly string[];
}

export interface Label {
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}

/** Pixels of the image as it was sent, after its EXIF orientation: x to the right, y down. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Detection extends Label {
  readonly box: Box;
}

/** A part of a text, in UTF-16 units. */
export interface TextEntity extends Label {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** A line that was read. `corners`: clockwise from the text's own top left, for lines may be slanted or upside down. */
export interface TextLine {
  readonly text: string;
  readonly score: number;
  readonly corners: readonly (readonly [x: number, y: number])[];
}

/** Seconds from the beginning. */
export interface TimeSpan {
  readonly start: number;
  readonly end: number;
}

export interface SpokenSegment extends TimeSpan {
  readonly text: string;
}

/** A whole file in a known container, or mono samples of −1 to 1. */
export type Sound =
  | { readonly kind: "file"; readonly bytes: Uint8Array }
  | { readonly kind: "samples"; readonly samples: Float32Array; readonly sampleRate: number };

/** By the model's task. */
export interface Inferences {
  readonly "text-classification": { readonly asked: { readonly texts: readonly string[]; readonly top: number | null }; readonly answered: { readonly labels: readonly (readonly Label[])[]; readonly tokens: number } };
  readonly "token-classification": { readonly asked: { readonly texts: readonly string[] }; readonly answered: { readonly entities: readonly (readonly TextEntity[])[]; readonly tokens: number } };
  readonly "image-classification": { readonly asked: { readonly images: readonly Uint8Array[]; readonly top: number | null }; readonly answered: { readonly labels: readonly (readonly Label[])[] } };
  readonly "object-detection": { readonly asked: { readonly image: Uint8Array; readonly threshold: number | null }; readonly answered: { readonly width: number; readonly height: number; readonly detections: readonly Detection[] } };
  readonly ocr: { readonly asked: { readonly image: Uint8Array }; readonly answered: { readonly width: number; readonly height: number; readonly lines: readonly TextLine[] } };
  /**
   * `state` is what the last answer gave, so that a stream goes on where it was; the model keeps nothing itself.
   * `speaking`: by the end of what was heard, speech had begun and not ended, whether or not it had lasted long enough for a span.
   */
  readonly vad: {
    readonly asked: { readonly sound: Sound; readonly state: Uint8Array | null; readonly threshold: number | null };
    readonly answered: { readonly probabilities: Float32Array; readonly windowSeconds: number; readonly speech: readonly TimeSpan[]; readonly speaking: boolean; readonly state: Uint8Array };
  };
  readonly "wake-word": {
    readonly asked: { readonly sound: Sound; readonly state: Uint8Array | null; readonly threshold: number | null };
    readonly answered: { readonly scores: readonly { readonly word: string; readonly score: number; readonly at: number }[]; readonly state: Uint8Array };
  };
  readonly transcription: {
    readonly asked: { readonly sound: Sound; readonly language: string | null; readonly timestamps: boolean };
    readonly answered: { readonly text: string; readonly language: string | null; readonly seconds: number; readonly segments: readonly SpokenSegment[] };
  };
  readonly speech: {
    readonly asked: { readonly text: string; readonly voice: string | null; readonly speed: number };
    readonly answered: { readonly samples: Float32Array; readonly sampleRate: number };
  };
  readonly raw: {
    /** `outputs`: the names wanted; null for all. */
    readonly asked: { readonly inputs: Readonly<Record<string, TensorData>>; readonly outputs: readonly string[] | null };
    readonly answered: { readonly outputs: Readonly<Record<string, TensorData>> };
  };
}

export type InferTask = keyof Inferences;
export type Inference = { readonly [T in InferTask]: { readonly task: T } & Inferences[T]["asked"] }[InferTask];
export type Inferred = { readonly [T in InferTask]: { readonly task: T } & Inferences[T]["answered"] }[InferTask];
