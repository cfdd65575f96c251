import { stackHome, stackToken } from '@isobar/local-stack';

const thisMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The token to show at an address: the user's own anywhere, the one that was generated for the stack only on this machine. */
export function tokenFor(address: string): string | undefined {
  const isGiven = Boolean(process.env['AUTH_TOKEN'] || process.env['AUTH_TOKEN_FILE']);
  return isGiven || (URL.canParse(address) && thisMachine.has(new URL(address).hostname))
    ? stackToken(stackHome())
    : undefined;
}
