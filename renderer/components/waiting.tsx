import { Loader } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  /** What the screen will be. */
  readonly title: string;
  /** What is being done, how far it is and how fast. */
  readonly children: string;
  /** How to stop it. */
  readonly action?: ReactNode;
}

/** A screen that is not there yet. */
export function Waiting({ title, children, action }: Props) {
  return (
    <div className="step">
      <header>
        <h2>{title}</h2>
      </header>
      <div className="panel waiting">
        <Loader role="img" size="sm" aria-label="Working" />
        <span role="status">{children}</span>
        {action}
      </div>
    </div>
  );
}
