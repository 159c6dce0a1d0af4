import type { ReactNode } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import { failureText } from '../../shared/text/failure-text.ts';

/** What happened, what was and was not saved, what to do next; and what can be done here. */
export function FailureText({ failure, children }: { readonly failure: Failure; readonly children?: ReactNode }) {
  const { title, saved, next } = failureText(failure);
  return (
    <div className="failure" role="alert">
      <strong>{title}</strong>
      <p>{saved}</p>
      <p>{next}</p>
      {children}
    </div>
  );
}
