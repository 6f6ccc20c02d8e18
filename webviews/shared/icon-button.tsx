interface IconButtonProps {
  /** A codicon. */
  readonly icon: string;
  readonly label: string;
  /** Shown but of no use now: out of the tab order and out of reach. */
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

export function IconButton({ icon, label, disabled = false, onClick }: IconButtonProps) {
  return <vscode-toolbar-button class={disabled ? "off" : undefined} icon={icon} label={label} title={label} inert={disabled} onClick={onClick} />;
}
