import { createContext, useContext } from 'react';
import type { SignInGate } from './sign-in-gate.ts';

export const SignInContext = createContext<SignInGate | null>(null);

/** Asks for a sign-in over whatever is on screen; null before there is a backend. */
export function useSignInGate(): SignInGate | null {
  return useContext(SignInContext);
}
