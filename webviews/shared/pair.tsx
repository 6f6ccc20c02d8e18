interface PairProps {
  readonly name: string;
  readonly value: string;
  readonly strong?: boolean;
  readonly code?: boolean;
}

/** A name and its value in a list of pairs. */
export const Pair = ({ name, value, strong, code }: PairProps) => (
  <div>
    <dt>{name}</dt>
    <dd>{code === true ? <code>{value}</code> : strong === true ? <strong>{value}</strong> : value}</dd>
  </div>
);
