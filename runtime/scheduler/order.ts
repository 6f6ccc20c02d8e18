interface Urgency {
  readonly priority: number;
  readonly arrival: number;
}

/** Higher priority first, then the older: the one order in which everything is given out. */
export function byUrgency<T extends Urgency>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => b.priority - a.priority || a.arrival - b.arrival);
}
