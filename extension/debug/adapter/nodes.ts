/** A row of the Variables view. */
export interface Node {
  readonly name: string;
  readonly value: string;
  readonly children?: (() => readonly Node[] | Promise<readonly Node[]>) | undefined;
  /** Expression that gives this value in a watch. */
  readonly evaluateName?: string | undefined;
  /** What a new value typed by a person does. Resolves with the value to show. */
  readonly set?: ((value: string) => Promise<string>) | undefined;
}

/** The rows that have been shown since the last stop, by the numbers that the editor asks for them with. */
export class Nodes {
  readonly #held: Node[] = [];

  clear(): void {
    this.#held.length = 0;
  }

  /** 0 for a row that has none below it. */
  referenceOf(node: Node): number {
    return node.children === undefined ? 0 : this.#held.push(node);
  }

  async below(reference: number): Promise<readonly Node[]> {
    return (await this.#held[reference - 1]?.children?.()) ?? [];
  }
}

export const leaf = (name: string, value: string | number | boolean | null, more: Partial<Node> = {}): Node => ({ name, value: shown(value), ...more });

/** Six digits: what comes after is noise of 32-bit floats. */
function shown(value: string | number | boolean | null): string {
  if (value === null) return "–";
  return typeof value === "number" && !Number.isInteger(value) ? String(Number(value.toPrecision(6))) : String(value);
}

/** A value of the Common Expression Language, as JSON has it. */
export function valueNode(name: string, value: unknown): Node {
  if (typeof value !== "object" || value === null) return leaf(name, value === undefined ? "null" : JSON.stringify(value));
  return { name, value: JSON.stringify(value).slice(0, 200), children: () => Object.entries(value).map(([key, each]) => valueNode(key, each)) };
}
