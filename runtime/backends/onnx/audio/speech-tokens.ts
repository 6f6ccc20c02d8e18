import { InfernoError } from "../../../../protocol/errors.ts";
import type { ManifestOf } from "../../../../protocol/manifest.ts";
import type { LibraryTokenizer } from "../text/tokenizer-file.ts";

type SpeechVocabulary = Pick<LibraryTokenizer, "token_to_id" | "get_vocab">;

const languageMark = "{language}";
const noTimestamps = "<|notimestamps|>";

/** The tokens of a speech recogniser that are no text: what an answer begins with, languages, times, the end. */
export class SpeechTokens {
  readonly end: number;
  /** Id → seconds within the chunk. */
  readonly times: ReadonlyMap<number, number>;
  /** Id → code, such as `de`. */
  readonly languages: ReadonlyMap<number, string>;
  readonly noTimestamps: number | null;
  readonly #start: readonly string[];
  readonly #vocabulary: SpeechVocabulary;

  /** Throws `manifest_invalid` for tokens that the vocabulary does not have. */
  constructor({ start, end }: Pick<ManifestOf<"transcription">, "start" | "end">, vocabulary: SpeechVocabulary) {
    this.#start = start;
    this.#vocabulary = vocabulary;
    this.end = this.#idOf(end, "end");
    for (const token of start) if (token !== languageMark) this.#idOf(token, "start");
    if (start[0] === languageMark) throw new InfernoError("manifest_invalid", "start: {language} cannot come first, for the model names the language after a token before it.");
    const [times, languages] = [new Map<number, number>(), new Map<number, string>()];
    for (const [token, id] of vocabulary.get_vocab()) {
      const [, time, language] = /^<\|(?:(\d+\.\d+)|([a-z]{2,3}))\|>$/.exec(token) ?? [];
      if (time !== undefined) times.set(id, Number(time));
      if (language !== undefined) languages.set(id, language);
    }
    this.times = times;
    this.languages = languages;
    this.noTimestamps = vocabulary.token_to_id(noTimestamps) ?? null;
    if (this.takesLanguage && languages.size === 0) throw new InfernoError("manifest_invalid", "start: the vocabulary has no language tokens such as <|en|> for {language}.");
  }

  get takesLanguage(): boolean {
    return this.#start.includes(languageMark);
  }

  /** The tokens before the language, after which the model names it itself. */
  get beforeLanguage(): number[] {
    return this.#start.slice(0, this.#start.indexOf(languageMark)).map((token) => this.#idOf(token, "start"));
  }

  /** Throws `invalid_request` for a language that the model does not have. */
  languageId(language: string): number {
    const found = [...this.languages].find(([, code]) => code === language.toLowerCase());
    if (found !== undefined && this.takesLanguage) return found[0];
    const there = this.takesLanguage ? `it knows ${[...this.languages.values()].toSorted().join(", ")}` : "it knows one language only: leave `language` out";
    throw new InfernoError("invalid_request", `The model cannot be told to listen for "${language}"; ${there}.`, { param: "language" });
  }

  /** What the answer begins with. With times, nothing says that there are none. */
  start(language: number | null, timestamps: boolean): number[] {
    return this.#start.flatMap((token) => {
      if (token === languageMark) return language === null ? [] : [language];
      return timestamps && token === noTimestamps ? [] : [this.#idOf(token, "start")];
    });
  }

  #idOf(token: string, where: string): number {
    const id = this.#vocabulary.token_to_id(token);
    if (id === undefined) throw new InfernoError("manifest_invalid", `${where}: the tokenizer has no token "${token}".`);
    return id;
  }
}
