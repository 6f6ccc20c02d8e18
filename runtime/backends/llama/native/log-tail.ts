import { ggml_log_level } from "./llama.generated.ts";

/** Keeps llama.cpp's last warnings and errors: its functions return only NULL or a number, the reason is in the log. */
export class LogTail {
  readonly #limit: number;
  #lines: string[] = [];
  #isKept = false;
  #reader: ((text: string) => void) | null = null;

  constructor(limit = 8) {
    this.#limit = limit;
  }

  add(level: number, text: string): void {
    this.#reader?.(text);
    if (level === ggml_log_level.GGML_LOG_LEVEL_CONT) {
      if (this.#isKept) this.#lines.push((this.#lines.pop() ?? "") + text);
      return;
    }
    this.#isKept = level >= ggml_log_level.GGML_LOG_LEVEL_WARN;
    if (!this.#isKept) return;
    this.#lines.push(text);
    if (this.#lines.length > this.#limit) this.#lines.shift();
  }

  /** Every line, of any level, that is written while `work` runs: only the log tells the sizes of llama.cpp's buffers. */
  linesOf<T>(work: () => T): { readonly result: T; readonly lines: readonly string[] } {
    const lines: string[] = [];
    const outer = this.#reader;
    this.#reader = (text) => {
      outer?.(text);
      lines.push(text.trimEnd());
    };
    try {
      return { result: work(), lines };
    } finally {
      this.#reader = outer;
    }
  }

  clear(): void {
    this.#lines = [];
  }

  /** The lines since `clear`, on one line, for an error message. */
  summary(): string {
    const lines = this.#lines.map((line) => line.trim().replaceAll(/\s+/g, " ")).filter((line) => line !== "");
    return [...new Set(lines)].join("; ");
  }
}
