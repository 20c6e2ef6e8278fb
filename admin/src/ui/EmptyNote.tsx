import type { ReactNode } from 'react';

interface EmptyNoteProps {
  title: string;
  text: string;
  children?: ReactNode;
}

/** Says that there is nothing here, why, and what to do next. */
export function EmptyNote({ title, text, children }: EmptyNoteProps) {
  return (
    <div className="panel-note">
      <h3>{title}</h3>
      <p className="muted">{text}</p>
      {children}
    </div>
  );
}
