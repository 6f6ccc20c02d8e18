import { InvalidArgumentError } from "commander";

/** Parsers of option values. Ranges are the daemon's business, which checks every request; here only the kind is checked. */

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
}

export function count(text: string): number {
  const value = number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError("It must be a whole number, 0 or more.");
  return value;
}

export function port(text: string): number {
  const value = count(text);
  if (value > 65_535) throw new InvalidArgumentError("It must be a port, 0 to 65535.");
  return value;
}

export function pid(text: string): number {
  const value = count(text);
  if (value < 1) throw new InvalidArgumentError("It must be a process id.");
  return value;
}

/** Collects an option that may be given several times. */
export function list(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** The first and the last step. */
export type StepSpan = readonly [from: number, to: number];

export function steps(text: string): StepSpan {
  const [, from, to = from] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) throw new InvalidArgumentError("It must be a step or two, such as 0 or 4-7.");
  return [Number(from), Number(to)];
}
