/** Blanks what looks like a credential in a text of a foreign system, such as a stack trace. */
export function hideSecrets(text: string): string {
  return text
    .replace(/((?:password|passwd|secret|token)["']?\s*[=:]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&)}]+)/gi, '$1[hidden]')
    .replace(/(:\/\/[^\s:/@]+:)[^\s@/]+@/g, '$1[hidden]@');
}
