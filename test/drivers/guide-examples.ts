export interface Example {
  readonly language: "bash" | "js" | "ts" | "yaml" | "json";
  readonly code: string;
  /** What the output must match; null for an example that is not run. */
  readonly expected: RegExp | null;
}

const fence = /(?:<!-- run(?:: (?<expected>.+?))? -->\n(?<marked>))?```(?<language>\w+)\n(?<code>[^]*?)\n```/g;

/** `<!-- file: NAME -->` above a fence: the reader saves it under this name, before anything runs. */
const saved = /<!-- file: (?<name>\S+) -->\n```\w+\n(?<text>[^]*?\n)```/g;

/** What has to be there before: `<!-- needs: daemon -->` one that runs, any other a file of this repository in the reader's folder. */
const need = /<!-- needs: (\S+) -->/g;

/** The fenced examples of a guide. `<!-- run: PATTERN -->` above one has a test run it. */
export function readExamples(markdown: string): { examples: Example[]; needsDaemon: boolean; files: string[]; written: { name: string; text: string }[] } {
  // Text is what an example prints.
  const examples = [...markdown.matchAll(fence)].filter(({ groups }) => groups?.["language"] !== "text").map(({ groups = {} }): Example => {
    const { language = "", code = "", expected = "", marked } = groups;
    if (!isKnown(language)) throw new Error(`An example in ${language}, which no test can run`);
    return { language, code, expected: marked === undefined ? null : new RegExp(expected) };
  });
  const needs = [...markdown.matchAll(need)].map(([, name = ""]) => name);
  const written = [...markdown.matchAll(saved)].map(({ groups = {} }) => ({ name: groups["name"] ?? "", text: groups["text"] ?? "" }));
  return { examples, needsDaemon: needs.includes("daemon"), files: needs.filter((name) => name !== "daemon"), written };
}

const isKnown = (language: string): language is Example["language"] => ["bash", "js", "ts", "yaml", "json"].includes(language);
