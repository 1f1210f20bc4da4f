import { authorizationCodeWay } from './authorization-code.ts';
import { clientCredentialsWay } from './client-credentials.ts';
import { jwtBearerWay } from './jwt-bearer.ts';
import { passwordWay } from './password.ts';
import type { SignInWay } from './sign-in-way.ts';

/** The ways to sign in, in the order they are offered: the seed's first. */
export const signInWays: readonly SignInWay[] = [
  passwordWay,
  clientCredentialsWay,
  jwtBearerWay,
  authorizationCodeWay,
];
