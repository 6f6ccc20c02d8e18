const closing: Readonly<Record<string, string>> = { "{": "}", "[": "]" };

/** Follows a JSON object through the text to its last brace, without reading more into it than braces, brackets and quotes. */
export class JsonExtent {
  readonly #open: string[] = [];
  #inString = false;
  #escaped = false;
  /** `broken`: a bracket closed that was not open. */
  state: "open" | "closed" | "broken" = "open";

  /** Length of the part of `text` that belongs to the object. */
  push(text: string): number {
    for (let at = 0; at < text.length; at += 1) {
      const character = text[at] ?? "";
      if (this.#inString) {
        this.#inString = this.#escaped || character !== '"';
        this.#escaped = !this.#escaped && character === "\\";
        continue;
      }
      if (character === '"') this.#inString = true;
      else if (character in closing) this.#open.push(closing[character] ?? "");
      else if (character === "}" || character === "]") {
        if (this.#open.pop() !== character) {
          this.state = "broken";
          return at;
        }
        if (this.#open.length > 0) continue;
        this.state = "closed";
        return at + 1;
      }
    }
    return text.length;
  }
}
