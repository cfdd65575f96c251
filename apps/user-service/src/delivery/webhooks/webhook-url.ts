import type { AddressRules } from './public-address.js';

const ports = new Set(['', '443', '8443']);

/** What is wrong with the address of a webhook, in words; undefined when nothing is. Its host is looked up by `checkHost`. */
export function urlProblem(text: string, { isOpen }: Pick<AddressRules, 'isOpen'>): string | undefined {
  if (text.length > 2_000) return 'must have at most 2000 characters';
  if (!URL.canParse(text)) return 'must be an address such as https://hooks.example.org/isobar';
  const url = new URL(text);
  if (url.protocol !== 'https:' && !(isOpen && url.protocol === 'http:'))
    return isOpen ? 'must begin with https:// or http://' : 'must begin with https://';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or a password';
  if (url.hash !== '') return 'must not hold a fragment (#…)';
  if (!isOpen && !ports.has(url.port)) return `must use port 443 or 8443, not ${url.port}`;
  return undefined;
}

/** @returns why the host cannot be used; undefined when it can */
export async function hostProblem(text: string, rules: AddressRules): Promise<string | undefined> {
  const { hostname } = new URL(text);
  try {
    await rules.addressesOf(hostname);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ADDRESS_NOT_PUBLIC')
      return `${(error as Error).message}; WEBHOOK_PRIVATE_ADDRESSES=allow lets such addresses be used in development`;
    return `the host ${hostname} cannot be looked up (${code ?? String(error)})`;
  }
}
